import { AppError } from '../../errors';
import { type EncodedExamples } from '../features/encoded-examples';
import { type TrainingProgress } from './contract';
import { fit, type FitOptions } from './fit';
import { seededRandom } from './random';
import { type NamedTensor } from './tensor-file';
import { MemoryCheckpoints, MemorySource, tableExamples } from './test-support';
import { type Trainable, type TrainingChunk } from './trainable';

/** Logistic regression by gradient descent with momentum: the smallest thing that can be trained. */
class Logistic implements Trainable {
  readonly batchSize = 10;
  readonly maxChunkSteps = 4;
  private weight_W: Float32Array = new Float32Array(3);
  private momentum_W: Float32Array = new Float32Array(3);
  chunks = 0;

  constructor(private readonly beforeChunk: (chunk: number) => void = () => undefined) {}

  train({ examples, weights_N, steps, learningRates }: TrainingChunk): Promise<Float32Array> {
    this.beforeChunk(++this.chunks);
    this.weight_W = this.weight_W.slice();
    const losses = new Float32Array(steps);
    for (let step = 0; step < steps; step++) {
      const gradient_W = new Float32Array(3);
      for (let row = step * this.batchSize; row < (step + 1) * this.batchSize; row++) {
        const logit = this.logit(examples, row);
        const label = examples.labels_N[row]!;
        const weight = weights_N[row]! / this.batchSize;
        losses[step]! += weight * (Math.log1p(Math.exp(logit)) - label * logit);
        const slope = weight * (1 / (1 + Math.exp(-logit)) - label);
        [...features(examples, row), 1].forEach((x, i) => (gradient_W[i]! += slope * x));
      }
      this.momentum_W = this.momentum_W.map((m, i) => 0.5 * m + gradient_W[i]!);
      this.weight_W = this.weight_W.map((w, i) => w - learningRates[step]! * this.momentum_W[i]!);
    }
    return Promise.resolve(losses);
  }

  predict(examples: EncodedExamples): Promise<Float32Array> {
    return Promise.resolve(
      Float32Array.from({ length: examples.count }, (_, row) => this.logit(examples, row)),
    );
  }

  weights(): NamedTensor[] {
    return [{ name: 'weight', dims: [3], data: this.weight_W }];
  }

  state(): NamedTensor[] {
    return [...this.weights(), { name: 'momentum', dims: [3], data: this.momentum_W }];
  }

  restore(tensors: readonly NamedTensor[]): void {
    for (const { name, data } of tensors) {
      if (name === 'weight') this.weight_W = data;
      else this.momentum_W = data;
    }
  }

  private logit(examples: EncodedExamples, row: number): number {
    return [...features(examples, row), 1].reduce((sum, x, i) => sum + x * this.weight_W[i]!, 0);
  }
}

const features = (examples: EncodedExamples, row: number) =>
  examples.numeric_NF.subarray(row * 2, row * 2 + 2);

function source(count: number, seed: number, label?: (a: number, b: number) => number) {
  const random = seededRandom(seed);
  const a = Array.from({ length: count }, () => random() * 2 - 1);
  const b = Array.from({ length: count }, () => random() * 2 - 1);
  const labels = a.map((value, i) => (label ? label(value, b[i]!) : random() < 0.5 ? 1 : 0));
  return new MemorySource(tableExamples([a, b], labels), { numericWidth: 2, cardinalities: [] });
}

const separable = (a: number, b: number) => (a + 2 * b > 0.3 ? 1 : 0);

function options(overrides: Partial<FitOptions> = {}): FitOptions {
  return {
    data: { train: source(95, 1, separable), validation: source(60, 2, separable) },
    trainable: new Logistic(),
    model: {
      learningRate: 0.5,
      schedule: { kind: 'cosine', warmup: 0.1, floor: 0 },
      maxEpochs: 6,
      patience: 6,
      seed: 3,
      balance: { kind: 'none' },
      lengthBuckets: 1,
    },
    checkpoint: new MemoryCheckpoints(),
    fingerprint: 'this run',
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...overrides,
  };
}

const weightsOf = (run: FitOptions) => Array.from(run.trainable.weights()[0]!.data);

describe('fit', () => {
  it('lowers the loss and leaves the best weights in place', async () => {
    const run = options();
    const { epochs, bestEpoch } = await fit(run);
    expect(epochs.map((record) => record.epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(epochs.at(-1)!.trainLoss).toBeLessThan(epochs[0]!.trainLoss);
    expect(epochs[bestEpoch - 1]!.validationRocAuc).toBeGreaterThan(0.97);
    expect(epochs[bestEpoch - 1]!.validationLoss).toBe(
      Math.min(...epochs.map((record) => record.validationLoss)),
    );
  });

  it('stops when the validation loss has not fallen for the patience, and goes back to the best epoch', async () => {
    const noise = { train: source(95, 1), validation: source(60, 2) };
    const model = { ...options().model, schedule: { kind: 'constant' as const }, maxEpochs: 50, patience: 2 };
    const run = options({ data: noise, model });
    const { epochs, bestEpoch } = await fit(run);
    expect(epochs.length).toBe(bestEpoch + 2);
    const upToBest = options({ data: noise, model: { ...model, maxEpochs: bestEpoch } });
    await fit(upToBest);
    expect(weightsOf(run)).toEqual(weightsOf(upToBest));
  });

  it('ends bit-identically when it is killed at any chunk and taken up again', async () => {
    const uninterrupted = new Logistic();
    const whole = options({ trainable: uninterrupted });
    const expected = await fit(whole);
    for (let killed = 2; killed <= uninterrupted.chunks; killed++) {
      const checkpoint = new MemoryCheckpoints();
      const trainable = new Logistic((chunk) => {
        if (chunk === killed) throw new Error('killed');
      });
      await expect(fit(options({ checkpoint, trainable }))).rejects.toThrow('killed');
      const resumed = options({ checkpoint });
      const result = await fit(resumed);
      expect(weightsOf(resumed)).toEqual(weightsOf(whole));
      expect(result.bestEpoch).toBe(expected.bestEpoch);
      expect(result.epochs.map((record) => ({ ...record, seconds: 0 }))).toEqual(
        expected.epochs.map((record) => ({ ...record, seconds: 0 })),
      );
    }
  });

  it('takes up a run in the middle of an epoch', async () => {
    const clock = jest.spyOn(performance, 'now');
    let now = 0;
    clock.mockImplementation(() => (now += 3000));
    try {
      const checkpoint = new MemoryCheckpoints();
      const whole = options({ checkpoint });
      await fit(whole);
      expect(checkpoint.saved.length).toBeGreaterThan(6);
      for (const saved of checkpoint.saved) {
        const resumed = options({ checkpoint: new MemoryCheckpoints(saved) });
        await fit(resumed);
        expect(weightsOf(resumed)).toEqual(weightsOf(whole));
      }
    } finally {
      clock.mockRestore();
    }
  });

  it("ignores another run's checkpoint and a damaged one", async () => {
    const checkpoint = new MemoryCheckpoints();
    await fit(options({ checkpoint, model: { ...options().model, maxEpochs: 1 } }));
    const damaged = Uint8Array.from(checkpoint.saved[0]!);
    damaged[40]! ^= 255;
    for (const foreign of [
      { checkpoint: new MemoryCheckpoints(checkpoint.saved[0]), fingerprint: 'another run' },
      { checkpoint: new MemoryCheckpoints(damaged) },
    ]) {
      const trainable = new Logistic();
      await fit(options({ ...foreign, trainable }));
      expect(trainable.chunks).toBe(18);
    }
  });

  it('heeds the signal between chunks, and leaves all that it computed in a checkpoint', async () => {
    const checkpoint = new MemoryCheckpoints();
    const controller = new AbortController();
    const trainable = new Logistic((chunk) => {
      if (chunk === 5) controller.abort(new AppError('CANCELLED', 'cancelled'));
    });
    await expect(fit(options({ trainable, checkpoint, signal: controller.signal }))).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(trainable.chunks).toBe(5);
    const resumed = new Logistic();
    await fit(options({ trainable: resumed, checkpoint }));
    expect(resumed.chunks).toBe(18 - 5);
  });

  it('stops at a validation loss that is not a number, names the step, and keeps the last good checkpoint', async () => {
    const checkpoint = new MemoryCheckpoints();
    const trainable = new Logistic((chunk) => {
      if (chunk > 4) trainable.restore([{ name: 'weight', dims: [3], data: new Float32Array(3).fill(NaN) }]);
    });
    await expect(fit(options({ trainable, checkpoint }))).rejects.toMatchObject({
      code: 'TRAINING_FAILED',
      message: expect.stringContaining('after step 20 (epoch 2)') as string,
    });
    expect(checkpoint.saved).toHaveLength(1);
  });

  it('reads no more than a chunk of examples at a time, or a block when it validates', async () => {
    const data = { train: source(95, 1, separable), validation: source(5000, 2, separable) };
    const [trainReads, validationReads] = [
      jest.spyOn(data.train, 'read'),
      jest.spyOn(data.validation, 'read'),
    ];
    await fit(options({ data, model: { ...options().model, maxEpochs: 2 } }));
    const largest = (reads: typeof trainReads) =>
      Math.max(...reads.mock.calls.map(([indices]) => indices.length));
    expect(largest(trainReads)).toBe(40);
    expect(largest(validationReads)).toBe(2048);
  });

  it('reports progress that only moves forward and ends complete', async () => {
    const reports: TrainingProgress[] = [];
    await fit(options({ onProgress: (progress) => reports.push(progress) }));
    expect(reports.at(-1)).toMatchObject({ step: 60, totalSteps: 60, epoch: 6, maxEpochs: 6, etaSeconds: 0 });
    expect(reports.at(-1)!.epochs).toHaveLength(6);
    reports.slice(1).forEach((report, i) => {
      expect(report.step).toBeGreaterThanOrEqual(reports[i]!.step);
    });
  });
});
