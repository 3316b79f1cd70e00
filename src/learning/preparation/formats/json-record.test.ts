import fc from 'fast-check';
import { NoRecord, parseJsonRecord } from './json-record';

describe('parseJsonRecord', () => {
  const read = (line: string) => Object.fromEntries(parseJsonRecord(line));

  it('reads members as texts, numbers with all their digits', () => {
    expect(
      read(
        ' {"a": "x\\n\\u00e9\\"", "b": 12345678901234567890, "c": -1.50e+3, "d": true, "e": "null", "f":"" } \r',
      ),
    ).toEqual({ a: 'x\né"', b: '12345678901234567890', c: '-1.50e+3', d: 'true', e: 'null', f: '' });
  });

  it('leaves out what is null', () => {
    expect(read('{"a":null,"b":{"c":null},"d":{}}')).toEqual({});
  });

  it('flattens objects and keeps arrays as they are written', () => {
    expect(read('{"a":{"b":1,"c":{"d":"x"}},"e":[1, {"f":"]"}, []]}')).toEqual({
      'a.b': '1',
      'a.c.d': 'x',
      e: '[1, {"f":"]"}, []]',
    });
  });

  it.each([
    ['1', 'is not a JSON object'],
    ['[{"a":1}]', 'is not a JSON object'],
    ['a,b', 'is not JSON'],
    ['{"a":1', 'is not JSON: it ends too early'],
    ['{"a":"x', 'is not JSON at character 6'],
    ['{"a":1,}', 'is not JSON at character 8'],
    ['{"a":01}', 'is not JSON at character 7'],
    ['{"a":NaN}', 'is not JSON at character 6'],
    ['{a:1}', 'is not JSON at character 2'],
    ['{"a":"\t"}', 'is not JSON at character 6'],
    ['{"a":"\\x"}', 'is not JSON at character 6'],
    ['{"a":[1,}]}', 'is not JSON at character 6'],
    ['{"a":1}{"a":2}', 'something follows the JSON object'],
    ['{"a":1,"a":2}', 'has "a" twice'],
    ['{"a.b":1,"a":{"b":2}}', 'has "a.b" twice'],
    ['{"a":"\\u0000"}', 'holds a NUL character'],
    ['{"a":"\\ud800"}', 'holds half of a surrogate pair'],
    ['{"a":'.repeat(100_000), 'objects are nested more than 32 deep'],
  ])('refuses %.40s', (line, reason) => {
    expect(() => parseJsonRecord(line)).toThrow(new NoRecord(reason));
  });

  it('agrees with JSON.parse on what is JSON, and on flat records', () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
    );
    const record = fc.dictionary(fc.string({ unit: 'grapheme' }), value);
    fc.assert(
      fc.property(record, fc.nat(), (given, cut) => {
        const line = JSON.stringify(given);
        const hasNul = line.includes('\\u0000');
        if (!hasNul)
          expect(read(line)).toEqual(
            Object.fromEntries(
              Object.entries(given)
                .map(([name, one]) => [name, JSON.stringify(one)])
                .map(([name, text = '']) => [
                  name,
                  text.startsWith('"') ? (JSON.parse(text) as string) : text,
                ]),
            ),
          );
        expect(() => parseJsonRecord(line.slice(0, cut % line.length))).toThrow(NoRecord);
      }),
    );
  });
});
