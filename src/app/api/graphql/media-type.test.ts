import { answerType } from './media-type';

describe('the type of an answer', () => {
  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['text/html, application/*;q=0.5', 'application/json'],
    ['application/graphql-response+json', 'application/graphql-response+json'],
    [
      'application/graphql-response+json; charset=utf-8, application/json; q=0.9',
      'application/graphql-response+json',
    ],
    ['application/graphql-response+json;q=0.4, application/json;q=0.9', 'application/json'],
    ['application/json;q=0, */*;q=0.1', 'application/json'],
    ['text/html', null],
    ['application/json;q=0', null],
    ['', null],
  ])('for %p is %p', (accept, type) => {
    expect(answerType(accept)).toBe(type);
  });
});
