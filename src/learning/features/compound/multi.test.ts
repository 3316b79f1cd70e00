import fc from 'fast-check';
import { Problem } from '../feature-value';
import { JSON_LIST, multi, multiFeature } from './multi';

const feature = (options: object = {}) => multiFeature.parse({ type: 'multi', name: 'tags', ...options });
const read = (value: string | readonly string[] | readonly number[] | number, options: object = {}) =>
  multi.read(feature(options), value);

describe('a set of categories', () => {
  it.each<[string, string, object, string[]]>([
    ['separated', 'red|blue', {}, ['red', 'blue']],
    ['with blanks, empty values and values again', ' red || blue |red|', {}, ['red', 'blue']],
    ['with another separator', 'red, blue|green', { separator: ',' }, ['red', 'blue|green']],
    ['as JSON', ' ["a|b", 7, 1.50, true, null, "", "Å"] ', {}, ['a|b', '7', '1.5', 'true', 'Å']],
    ['as an empty array', '[]', {}, []],
    ['of booleans in any case', 'TRUE|False', {}, ['true', 'false']],
    ['that is too long', 'a|b|c|b|d', { maxValues: 3 }, ['a', 'b', 'c']],
    ['of nothing', '', {}, []],
  ])('is read from a cell %s', (_, cell, options, values) => {
    expect(multi.parse(feature(options), cell)).toEqual(values);
    expect(read(cell, options)).toEqual(values);
  });

  it('is read from a list', () => {
    expect(read(['b', ' a ', '', 'b', 'TRUE'])).toEqual(['b', 'a', 'true']);
    expect(read([1, 2.5])).toEqual(['1', '2.5']);
  });

  it.each<[string, Parameters<typeof read>[0], string]>([
    ['a number', 7, 'must be a list of texts or null, not 7'],
    ['broken JSON', '["a"', 'begins with [ and is no JSON array of texts and numbers'],
    ['an array of objects', '[{}]', 'begins with [ and is no JSON array of texts and numbers'],
    ['NUL', ['a\0b'], 'holds the character NUL, which no category can'],
    ['NUL in JSON', '["\\u0000"]', 'holds the character NUL, which no category can'],
  ])('refuses %s', (_, value, message) => {
    expect(read(value)).toEqual(new Problem(message));
  });

  it('knows a JSON array of scalars exactly as JSON does', () => {
    const pattern = new RegExp(JSON_LIST);
    const isList = (text: string) => {
      try {
        const value = JSON.parse(text) as unknown;
        return Array.isArray(value) && value.every((item) => item === null || typeof item !== 'object');
      } catch {
        return false;
      }
    };
    const piece = fc.constantFrom(
      '"a"',
      '"\\"',
      '"\\\\"',
      '"\\u00e9"',
      '"\\u00g"',
      '1',
      '-0',
      '01',
      '1.',
      '.5',
      '1e5',
      'true',
      'null',
      'nul',
      ',',
      ',',
      ' ',
      '\n',
      '\u00a0',
      '[',
      ']',
      '{}',
      '"\u0001"',
      '"😀"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.boolean(), (pieces, isClosed) => {
        const text = `[${pieces.join('')}${isClosed ? ']' : ''}`;
        expect({ text, isList: pattern.test(text) }).toEqual({ text, isList: isList(text) });
      }),
      { numRuns: 3000 },
    );
  });
});
