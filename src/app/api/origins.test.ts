import { mayConnect } from './origins';

describe('mayConnect', () => {
  it.each([
    ['no browser', undefined, [], true],
    ['a page of its own origin', 'https://api.test', [], true],
    ['another page', 'https://evil.test', [], false],
    ['another page of the same host, at another port', 'https://api.test:8443', [], false],
    ['a page without an origin', 'null', [], false],
    ['a page that is allowed', 'https://app.test', ['https://app.test'], true],
    ['a page whose name begins alike', 'https://app.test.evil.test', ['https://app.test'], false],
    ['any page where all are allowed', 'https://evil.test', '*', true],
  ] as const)('%s', (_who, origin, allowed, may) => {
    expect(mayConnect({ origin, host: 'api.test' }, allowed)).toBe(may);
  });
});
