import { AppError } from '../../errors';
import { type ModelConfigInput, modelConfigSchema } from '../architectures/model-config';
import { type PreparedExamples } from '../preparation/prepared-examples';
import { trainModel, type TrainModelOptions } from '../train-model';
import { generatePrepared, orderTask } from '../training/prepared-test-support';
import { MemoryCheckpoints } from '../training/test-support';
import { decodeKeptModel, encodeKeptModel } from './kept-model';
import { type StartSummary } from './start-from';

const FILE = 'the same file';
const counts = { train: 1500, validation: 400, test: 400 };
const small = {
  architecture: 'conv-recurrent',
  convolution: { filters: 8 },
  recurrent: { cell: 'GRU', units: 8 },
  dense: [8],
  batchSize: 64,
  learningRate: 0.01,
  maxEpochs: 6,
} satisfies ModelConfigInput;

const train = (overrides: Partial<TrainModelOptions> = {}, model: ModelConfigInput = small) =>
  trainModel({
    prepared: noisy(),
    model: modelConfigSchema.parse(model),
    device: 'cpu',
    threads: 1,
    file: FILE,
    checkpoint: new MemoryCheckpoints(),
    signal: new AbortController().signal,
    onPhase: () => undefined,
    onProgress: () => undefined,
    ...overrides,
  });

/** That no model solves entirely: training on is not free. */
const noisy = (): PreparedExamples =>
  generatePrepared(counts, (example) => (example.uniform < 0.9 ? orderTask(example) : example.age > 49));

const lowest = (epochs: readonly { validationLoss: number }[]): number =>
  Math.min(...epochs.map(({ validationLoss }) => validationLoss));

describe('a training that starts from a model', () => {
  const starts: StartSummary[] = [];
  const onStart = (start: StartSummary): void => void starts.push(start);
  let champion: Awaited<ReturnType<typeof trainModel>>;
  beforeAll(async () => {
    champion = await train();
  });
  beforeEach(() => starts.splice(0));

  it.each([
    ['cosine', {}],
    ['constant', { schedule: { kind: 'constant' } }],
  ] as const)('has its validation loss at once on the same data, and keeps it (%s)', async (_, schedule) => {
    const again = await train({ startFrom: champion.kept, onStart }, { ...small, ...schedule });
    const before = lowest(champion.epochs);
    const [start] = starts;
    expect(starts).toHaveLength(1);
    expect(start).toMatchObject({ refused: null });
    expect(start?.taken).toBe(start?.weights);
    expect(start?.validationLoss).toBeCloseTo(before, 6);
    // Within one epoch it has not lost what it began with, and drawn weights are far from there.
    expect(again.epochs[0]?.validationLoss).toBeLessThan(before * 1.05);
    expect(champion.epochs[0]?.validationLoss).toBeGreaterThan(before * 1.3);
    const kept = await train({ startFrom: again.kept, onStart }, { ...small, ...schedule });
    expect(starts[1]?.validationLoss).toBeLessThanOrEqual((start?.validationLoss ?? 0) + 1e-9);
    expect(kept.epochs.length).toBeGreaterThan(0);
  });

  it('ends with the same bytes when it is killed and taken up again, also before its first epoch has ended', async () => {
    const whole = await train({ startFrom: champion.kept });
    for (const stopAt of [1, 3]) {
      const checkpoint = new MemoryCheckpoints();
      const controller = new AbortController();
      let reports = 0;
      const onProgress = () => {
        if (++reports === stopAt) controller.abort(new AppError('CANCELLED', 'stopped'));
      };
      await expect(
        train({ startFrom: champion.kept, checkpoint, signal: controller.signal, onProgress }),
      ).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(checkpoint.saved.length).toBeGreaterThan(0);
      starts.splice(0);
      const resumed = await train({ startFrom: champion.kept, checkpoint, onStart });
      expect(Buffer.compare(resumed.artifact, whole.artifact)).toBe(0);
      expect(Buffer.compare(resumed.kept, whole.kept)).toBe(0);
      expect(starts[0]?.validationLoss).toBeCloseTo(lowest(champion.epochs), 6);
    }
    // What was begun with drawn weights is no way on for one that starts from a model.
    const checkpoint = new MemoryCheckpoints();
    await train({ checkpoint });
    const other = await train({ startFrom: champion.kept, checkpoint });
    expect(Buffer.compare(other.artifact, whole.artifact)).toBe(0);
  });

  it('takes what fits of another network and says how much', async () => {
    await train({ startFrom: champion.kept, onStart }, { ...small, dense: [16], maxEpochs: 1 });
    const [start] = starts;
    expect(start?.refused).toBeNull();
    expect(start?.taken).toBeGreaterThan((start?.weights ?? 0) * 0.3);
    expect(start?.taken).toBeLessThan(start?.weights ?? 0);
  });

  it.each([
    ['an unknown file', undefined, (kept: Uint8Array) => kept, /^It may have learned/],
    ['damaged bytes', FILE, (kept: Uint8Array) => kept.slice(1), /cannot be read/],
  ])('is refused for %s, and trains as if nothing had been given', async (_, file, change, reason) => {
    const model = { ...small, maxEpochs: 2 };
    const refused = await train({ startFrom: change(champion.kept), file, onStart }, model);
    expect(starts).toEqual([
      { refused: expect.stringMatching(reason) as string, weights: 0, taken: 0, validationLoss: null },
    ]);
    const cold = await train({ file }, model);
    expect(Buffer.compare(refused.artifact, cold.artifact)).toBe(0);
  });

  it('keeps what it has learned from in what it leaves to start from', () => {
    const kept = decodeKeptModel(champion.kept);
    expect(kept?.seen).toMatchObject({ file: FILE, fittedUntil: null });
    expect(kept && decodeKeptModel(encodeKeptModel(kept))).toEqual(kept);
  });
});
