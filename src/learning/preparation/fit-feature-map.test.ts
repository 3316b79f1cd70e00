import fc from 'fast-check';
import { normalize } from '../features/encode';
import { fitNumeric } from './fit-feature-map';

describe('fitNumeric', () => {
  it('gives training values of mean 0 and standard deviation 1, whatever they are', () => {
    const value = fc.oneof(fc.float({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(NaN));
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 5, maxLength: 200 }),
        fc.constantFrom('identity' as const, 'log1p' as const),
        (values, kind) => {
          const encoder = fitNumeric('x', kind, Float32Array.from(values));
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
    expect(fitNumeric('x', 'identity', values)).toMatchObject({ median: 500, low: 5, high: 995 });
  });

  it('keeps rare values of a column that is constant otherwise', () => {
    const values = new Float32Array(1000);
    values[3] = 7;
    expect(fitNumeric('x', 'identity', values)).toMatchObject({ median: 0, low: 0, high: 7 });
  });

  it.each([
    ['constant', [4, 4, 4], { median: 4, mean: 4, std: 1 }],
    ['always missing', [NaN, NaN], { median: 0, mean: 0, std: 1, low: 0, high: 0 }],
    ['absent', [], { median: 0, mean: 0, std: 1 }],
  ])('is defined for a column that is %s', (_, values, expected) => {
    expect(fitNumeric('x', 'identity', Float32Array.from(values))).toMatchObject(expected);
  });
});
