import fc from 'fast-check';
import { countNumbers, valuesAtRanks } from './order-statistics';

describe('valuesAtRanks', () => {
  it('finds what a sort would put there, whatever the values are', () => {
    const value = fc.oneof(fc.float(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 1, 1 + 2 ** -23));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 300 }), (given) => {
        const values = Float32Array.from(given);
        const sorted = values.filter((candidate) => !Number.isNaN(candidate)).sort();
        expect(countNumbers(values)).toBe(sorted.length);
        const ranks = Array.from(sorted, (_, rank) => rank);
        const found = valuesAtRanks(values, ranks);
        expect(ranks.map((rank) => found.get(rank))).toEqual(Array.from(sorted));
      }),
    );
  });

  it('refuses a rank that no value has', () => {
    expect(() => valuesAtRanks(Float32Array.of(1, NaN), [1])).toThrow(RangeError);
  });
});
