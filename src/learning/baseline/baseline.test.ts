import fc from 'fast-check';
import { AppError } from '../../errors';
import { evaluate } from '../evaluation/evaluate';
import { type ExampleSource } from '../features/encoded-examples';
import { generatePrepared } from '../training/prepared-test-support';
import { type Baseline, isBeaten, judgeBaseline } from './baseline';
import { fitBaseline } from './fit-baseline';
import { sampled } from './sampled';

const counts = { train: 1500, validation: 300, test: 300 };
const signal = new AbortController().signal;
const byAge = ({ age, uniform }: { age: number; uniform: number }) =>
  uniform < 1 / (1 + Math.exp((50 - age) / 5));

describe('the baseline', () => {
  it('learns what is linear, and is calibrated', async () => {
    const prepared = generatePrepared(counts, byAge);
    const { name, examples, probabilities } = await fitBaseline({ prepared, seed: 1, threads: 1, signal });
    expect({ name, examples }).toEqual({ name: 'LOGISTIC_REGRESSION', examples: 1500 });
    const test = evaluate(prepared.test.labels_N, probabilities.test, 0.5);
    expect(test.rocAuc).toBeGreaterThan(0.9);
    expect(test.logLoss).toBeLessThan(0.45);
  });

  it('is the same again, and reads the training part alone to be fitted', async () => {
    const prepared = generatePrepared(counts, byAge);
    const first = await fitBaseline({ prepared, seed: 1, threads: 1, signal });
    const other = generatePrepared(counts, byAge, 2);
    const again = await fitBaseline({
      prepared: { ...prepared, test: other.test },
      ...{ seed: 1, threads: 1, signal },
    });
    expect(again.probabilities.validation).toEqual(first.probabilities.validation);
    expect(again.probabilities.test).not.toEqual(first.probabilities.test);
  });

  it('is the share of positives where nothing better can be fitted', async () => {
    const prepared = generatePrepared({ ...counts, train: 98 }, byAge);
    const refusing = { prepared, seed: 1, threads: 1, memoryBytes: 1, signal };
    const positives = prepared.train.labels_N.reduce((sum, label) => sum + label, 0);
    const { name, probabilities } = await fitBaseline(refusing);
    expect(name).toBe('BASE_RATE');
    expect(new Set(probabilities.validation)).toEqual(new Set([Math.fround((positives + 1) / 100)]));
    expect(probabilities.test).toHaveLength(300);
  });

  it('leaves off when it is told to', async () => {
    const stopped = AbortSignal.abort(new AppError('CANCELLED', 'stopped'));
    const prepared = generatePrepared(counts, byAge);
    await expect(fitBaseline({ prepared, seed: 1, threads: 1, signal: stopped })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('a model beside its baseline', () => {
  it('is judged on the same examples of both parts, and beats it by what it knows more', async () => {
    const prepared = generatePrepared(counts, ({ uniform }) => uniform < 0.5);
    const { validation, test } = prepared;
    const fitted = await fitBaseline({ prepared, seed: 1, threads: 1, signal });
    // A model that is right nine times of ten, and says so.
    const knowing = (labels_N: Float32Array) =>
      labels_N.map((label, n) => (n % 10 === 0 ? 0.1 + 0.8 * (1 - label) : 0.1 + 0.8 * label));
    const model = { validation: knowing(validation.labels_N), test: knowing(test.labels_N) };
    const better = await judgeBaseline(fitted, { validation, test }, model);
    expect(isBeaten(better)).toBe(true);
    for (const part of ['validation', 'test'] as const) {
      const { first, second, difference, high } = better.difference[part];
      expect(first).toBeCloseTo(better[part].logLoss ?? NaN, 6);
      expect(second).toBeCloseTo(evaluate(prepared[part].labels_N, model[part], 0.5).logLoss ?? NaN, 6);
      expect(difference).toBeCloseTo((second ?? NaN) - (first ?? NaN), 12);
      expect(high).toBeLessThan(0);
    }
    const equal = await judgeBaseline(fitted, { validation, test }, fitted.probabilities);
    expect(equal.difference.validation).toMatchObject({ difference: 0, low: 0, high: 0, pValue: 1 });
    expect(isBeaten(equal)).toBe(false);
  });

  it('is decided by the validation part alone', () => {
    const tested = { first: 0.5, second: 0.4, difference: -0.1, low: -0.2, high: 0.1, pValue: 0.3 };
    const worse = { ...tested, second: 0.6, difference: 0.1 };
    const judged = (difference: Baseline['difference']) => isBeaten({ difference });
    expect(judged({ validation: tested, test: worse })).toBe(true);
    expect(judged({ validation: worse, test: tested })).toBe(false);
  });
});

describe('a sample of a source', () => {
  const source = (count: number): ExampleSource => ({
    count,
    shape: { numericWidth: 1, cardinalities: [] },
    read: (indices) =>
      Promise.resolve({
        count: indices.length,
        numeric_NF: Float32Array.from(indices),
        categorical_NC: new Int32Array(0),
        labels_N: new Float32Array(indices.length),
      }),
  });
  const all = async (of: ExampleSource) =>
    Array.from((await of.read(Int32Array.from({ length: of.count }, (_, index) => index))).numeric_NF);

  it('is as many different examples of it, in its order, the same for a seed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 200 }),
        fc.nat(),
        async (count, most, seed) => {
          const drawn = await all(sampled(source(count), most, seed));
          expect(drawn).toHaveLength(Math.min(count, most));
          expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b));
          expect(drawn.every((index) => index < count)).toBe(true);
          expect(await all(sampled(source(count), most, seed))).toEqual(drawn);
        },
      ),
    );
  });
});
