import fc from 'fast-check';
import { fitNumeric } from '../preparation/fit-numeric';
import { categoryCleaner, cleanNumber, inSinglePrecision, namedCategories } from './cleaning';
import { featureSpecSchema } from './feature-spec';
import { writeFeature } from './numeric-encoding';

describe('a number', () => {
  it('is missing where it is a code, then bounded, then filled', () => {
    const cleaning = inSinglePrecision({ missing: [-1, 0.1], clip: { low: 0, high: 10 }, fill: 3 });
    expect([-1, Math.fround(0.1), NaN].map((value) => cleanNumber(cleaning, value))).toEqual([3, 3, 3]);
    expect([-2, 5, 11].map((value) => cleanNumber(cleaning, value))).toEqual([0, 5, 10]);
    expect(cleanNumber({ missing: [-1] }, -1)).toBeNaN();
    expect(cleanNumber(undefined, -1)).toBe(-1);
  });

  it('is fitted as it is encoded: as if the file had held what it was mended to', () => {
    const cleaning = { missing: [-1, 999], clip: { low: 0, high: 50 } };
    const feature = { name: 'x', transform: 'identity' as const, encoding: 'standard' as const };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(-1, 999, NaN, -20, 3, 7, 49, 1000), { minLength: 1 }), (raw) => {
        const values = Float32Array.from(raw);
        const mended = values.map((value) => cleanNumber(cleaning, value));
        const encoder = fitNumeric({ ...feature, cleaning }, values);
        expect(encoder).toEqual({ ...fitNumeric(feature, mended), cleaning });
        const encoded = [new Float32Array(2), new Float32Array(2)];
        writeFeature(encoder, -1, encoded[0]!, 0);
        writeFeature(encoder, NaN, encoded[1]!, 0);
        expect(encoded[0]).toEqual(encoded[1]);
        expect(encoded[0]?.[1]).toBe(1);
      }),
    );
  });
});

describe('a category', () => {
  it('is spelled one way, then missing, then rare, then filled', () => {
    const clean = categoryCleaner({
      spellings: [
        ['Red', 'red'],
        ['N.A.', 'unknown'],
      ],
      missing: ['unknown'],
      keep: { categories: ['red', 'blue'], other: '(rare)' },
      fill: '(missing)',
    });
    expect(['Red', 'red', 'blue', 'green', 'new', 'N.A.', 'unknown', ''].map(clean)).toEqual([
      'red',
      'red',
      'blue',
      '(rare)',
      '(rare)',
      '(missing)',
      '(missing)',
      '(missing)',
    ]);
  });

  it('that is named nowhere fares as all others do', () => {
    const cleaning = {
      spellings: [['a', 'b']] as [string, string][],
      keep: { categories: ['b'], other: 'z' },
    };
    const clean = categoryCleaner(cleaning);
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (category) => {
        if (!namedCategories(cleaning).includes(category)) expect(clean(category)).toBe('z');
      }),
    );
  });
});

it('a specification takes only cleanings that make sense', () => {
  const spec = (cleaning: object) => ({
    shape: 'TABLE',
    label: { column: 'y' },
    features: [{ type: 'numeric', name: 'x', cleaning }],
  });
  expect(featureSpecSchema.safeParse(spec({ missing: [-1], clip: { low: 0, high: 1 } })).success).toBe(true);
  for (const wrong of [
    { clip: { low: 2, high: 1 } },
    { missing: [] },
    { spellings: [['a', 'b']] },
    { fill: 'x' },
  ])
    expect(featureSpecSchema.safeParse(spec(wrong)).success).toBe(false);
});
