import { parse } from 'graphql';
import { AppError } from '../../../errors';
import { MeasuredDocuments } from './measured-documents';

const gate = { parse: jest.fn((source: string) => (source.startsWith('{') ? parse(source) : null)) };
beforeEach(() => gate.parse.mockClear());
const measured = (): string[] => gate.parse.mock.calls.map(([source]) => source);
/** One GraphQL document of a million characters. */
const long = (name: string): string => `{ ${name} }`.padEnd(1_000_000);

describe('MeasuredDocuments', () => {
  it('measures a text once, and what is no GraphQL or over a limit each time', () => {
    const documents = new MeasuredDocuments(gate);
    for (const source of ['{ a }', '{ a }', 'no', 'no']) documents.admit(source);
    expect(measured()).toEqual(['{ a }', 'no', 'no']);
    gate.parse.mockImplementation(() => {
      throw new AppError('OPERATION_TOO_LARGE', 'too large');
    });
    for (let time = 0; time < 2; time++) expect(() => documents.admit('{ b }')).toThrow('too large');
    gate.parse.mockImplementation((source) => parse(source));
  });

  it('forgets those that were not asked for the longest', () => {
    const documents = new MeasuredDocuments(gate);
    for (const name of ['a', 'b', 'c', 'd']) documents.admit(long(name));
    documents.admit(long('a'));
    documents.admit(long('e'));
    gate.parse.mockClear();
    for (const name of ['a', 'c', 'd', 'e', 'b']) documents.admit(long(name));
    expect(measured()).toEqual([long('b')]);
  });
});
