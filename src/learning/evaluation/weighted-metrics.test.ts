import fc from 'fast-check';
import { evaluate } from './evaluate';
import { METRICS, WeightedMetrics } from './weighted-metrics';

/** Few distinct probabilities, so that ties are common; examples of a few units, each drawn 0 to 3 times. */
const drawnExamples = fc
  .array(
    fc.record({ label: fc.constantFrom(0, 1), score: fc.integer({ min: 0, max: 8 }), unit: fc.nat(5) }),
    { minLength: 1, maxLength: 40 },
  )
  .chain((rows) =>
    fc.record({
      rows: fc.constant(rows),
      drawn: fc.array(fc.nat(3), { minLength: 6, maxLength: 6 }),
      threshold: fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8),
    }),
  );

describe('WeightedMetrics', () => {
  it('says what `evaluate` says of the examples repeated', () => {
    fc.assert(
      fc.property(drawnExamples, ({ rows, drawn, threshold }) => {
        const labels = Float32Array.from(rows, ({ label }) => label);
        const probabilities = Float32Array.from(rows, ({ score }) => score / 8);
        const of_N = Int32Array.from(rows, ({ unit }) => unit);
        const units = { count: 6, of_N, sampled: 1, total: 6 };
        const repeated = rows.flatMap((row) => Array<typeof row>(drawn[row.unit] ?? 0).fill(row));
        const expected = evaluate(
          Float32Array.from(repeated, ({ label }) => label),
          Float32Array.from(repeated, ({ score }) => score / 8),
          threshold,
        );
        const actual = new WeightedMetrics(labels, probabilities, units, threshold).of(
          Int32Array.from(drawn),
        );
        for (const metric of METRICS) {
          const value = expected[metric];
          if (value === null) expect([metric, actual[metric]]).toEqual([metric, null]);
          else expect(actual[metric]).toBeCloseTo(value, 9);
        }
      }),
    );
  });
});
