import fc from 'fast-check';
import { normalize } from '../features/numeric-encoding';
import { fitNumeric } from './fit-numeric';

describe('fitNumeric', () => {
  it('gives training values of mean 0 and standard deviation 1, whatever they are', () => {
    const value = fc.oneof(fc.float({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(NaN));
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 5, maxLength: 200 }),
        fc.constantFrom('identity' as const, 'log1p' as const),
        (values, kind) => {
          const encoder = fitNumeric(
            { name: 'x', transform: kind, encoding: 'standard' },
            Float32Array.from(values),
          );
          const encoded = values.map((given) => normalize(encoder, Math.fround(given)));
          expect(encoded.every(Number.isFinite)).toBe(true);
          const mean = encoded.reduce((sum, z) => sum + z, 0) / encoded.length;
          const variance = encoded.reduce((sum, z) => sum + (z - mean) ** 2, 0) / encoded.length;
          const spread = encoder.high - encoder.low;
          // Values that differ by less than float32 resolves are constant to the encoder.
          if (spread > Math.max(Math.abs(encoder.mean), 1) * 1e-3) {
            expect(mean).toBeCloseTo(0, 2);
            expect(variance).toBeCloseTo(1, 2);
          }
        },
      ),
    );
  });

  it('clips to the 0.5 % and 99.5 % quantiles', () => {
    const values = Float32Array.from({ length: 1001 }, (_, i) => (i === 1000 ? 1e30 : i));
    expect(fitNumeric({ name: 'x', transform: 'identity', encoding: 'standard' }, values)).toMatchObject({
      median: 500,
      low: 5,
      high: 995,
    });
  });

  it('keeps rare values of a column that is constant otherwise', () => {
    const values = new Float32Array(1000);
    values[3] = 7;
    expect(fitNumeric({ name: 'x', transform: 'identity', encoding: 'standard' }, values)).toMatchObject({
      median: 0,
      low: 0,
      high: 7,
    });
  });

  it.each([
    ['constant', [4, 4, 4], { median: 4, mean: 4, std: 1 }],
    ['always missing', [NaN, NaN], { median: 0, mean: 0, std: 1, low: 0, high: 0 }],
    ['absent', [], { median: 0, mean: 0, std: 1 }],
  ])('is defined for a column that is %s', (_, values, expected) => {
    expect(
      fitNumeric({ name: 'x', transform: 'identity', encoding: 'standard' }, Float32Array.from(values)),
    ).toMatchObject(expected);
  });
});

describe('codes', () => {
  const fitted = (values: readonly number[], encoding: 'quantileBins' | 'piecewiseLinear', bins: number) =>
    fitNumeric({ name: 'x', transform: 'identity', encoding, bins }, Float32Array.from(values));
  const starts = (values: readonly number[], bins: number): readonly number[] => {
    const { code } = fitted(values, 'quantileBins', bins);
    return code?.kind === 'quantileBins' ? code.starts : [];
  };
  const edges = (values: readonly number[], bins: number): readonly number[] => {
    const { code } = fitted(values, 'piecewiseLinear', bins);
    return code?.kind === 'piecewiseLinear' ? code.edges : [];
  };

  it('gives each of few values a bin of its own', () => {
    expect(starts([3, 1, 2, 1, NaN], 4)).toEqual([1, 2, 3]);
    expect(starts([1, 2, 3, 4, 4, 5], 4)).toEqual([1, 2, 3, 4]);
    expect(edges([3, 1, 2, 1, NaN], 4)).toEqual([1, 2, 3]);
  });

  it('is defined for no value, and for one', () => {
    expect([starts([], 4), edges([], 4)]).toEqual([[0], [0, 1]]);
    expect([starts([7, 7], 4), edges([7, 7], 4)]).toEqual([[7], [7, 14]]);
  });

  it('spends one edge on a common value, and the others on the rest', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i < 800 ? 0 : i - 799));
    const found = edges(values, 8);
    expect(found).toHaveLength(9);
    expect(found.slice(0, 2)).toEqual([0, expect.closeTo(2, 0)]);
    expect(found.at(-1)).toBeCloseTo(199, 0);
  });

  it('fills bins alike, never more than asked for, with edges that ascend', () => {
    const value = fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(NaN, 0, 1));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 300 }), fc.integer({ min: 2, max: 32 }), (values, bins) => {
        const [ofBins, ofSpan] = [starts(values, bins), edges(values, bins)];
        expect(ofBins.length).toBeLessThanOrEqual(bins);
        expect(ofSpan.length).toBeLessThanOrEqual(bins + 1);
        for (const found of [ofBins, ofSpan])
          found.forEach((edge, i) => {
            expect(Math.fround(edge)).toBe(edge);
            if (i > 0) expect(edge).toBeGreaterThan(found[i - 1]!);
          });
        const width = Math.fround((ofSpan.at(-1) ?? 0) - (ofSpan[0] ?? 0));
        expect(Number.isFinite(width)).toBe(true);
      }),
    );
    const normal = Array.from({ length: 5000 }, (_, i) => Math.tan(((i + 0.5) / 5000 - 0.5) * 3));
    const found = starts(normal, 10);
    const counts = found.map(
      (start, bin) => normal.filter((x) => x >= start && x < (found[bin + 1] ?? Infinity)).length,
    );
    counts.slice(1).forEach((count) => expect(count).toBeCloseTo(500, -2));
  });
});
