import { type ModelConfigInput, modelConfigSchema } from '../architectures/model-config';
import { trainModel } from '../train-model';
import { countClasses, epochSize } from './class-balance';
import { fit } from './fit';
import { NetworkProgram } from './network-program';
import { generatePrepared } from './prepared-test-support';
import { MemoryCheckpoints } from './test-support';
import { predictLogits } from './validate';

const counts = { train: 4000, validation: 4000, test: 1000 };
const chance = (age: number) => 1 / (1 + Math.exp((72 - age) / 5)) / 1.6;
/** One in ten is positive, the old ones above all. */
const rare = generatePrepared(counts, ({ age, uniform }) => uniform < chance(age));
/** Nine in ten are. */
const common = generatePrepared(counts, ({ age, uniform }) => uniform >= chance(age));

const oversample = (share: number) => ({ balance: { kind: 'oversample' as const, share } });
const run = {
  signal: new AbortController().signal,
  onProgress: () => undefined,
  onPhase: () => undefined,
  device: 'cpu' as const,
  threads: 1,
};

function configure(options: Partial<ModelConfigInput>) {
  const learning = { dense: [8], batchSize: 100, learningRate: 0.02, maxEpochs: 6 };
  return modelConfigSchema.parse({ architecture: 'bag', ...learning, ...options });
}

/**
 * Mean probability of the validation part, before any calibration, over its share of positives.
 * @returns as predicted, and as it would be had the shift of the odds not been undone.
 */
async function predictedOverTrue(options: Partial<ModelConfigInput>, prepared = rare) {
  const { train, validation } = prepared;
  const model = configure(options);
  const { visits, logitShift } = epochSize(countClasses(train.labels_N), model.balance);
  const program = await NetworkProgram.compile({
    ...run,
    model,
    shape: train.shape,
    exampleCount: visits,
    logitShift,
  });
  const checkpoint = new MemoryCheckpoints();
  await fit({ ...run, data: prepared, trainable: program, model, fingerprint: '', checkpoint });
  const { logits_N } = await predictLogits(program, validation, run.signal);
  await program.close();
  const ratio = (shift: number) =>
    logits_N.reduce((sum, logit) => sum + 1 / (1 + Math.exp(-logit - shift)), 0) /
    validation.labels_N.reduce((sum, label) => sum + label, 0);
  return { corrected: ratio(0), uncorrected: ratio(logitShift) };
}

describe('probabilities are those of the data', () => {
  it('when positives are oversampled', async () => {
    const { corrected, uncorrected } = await predictedOverTrue(oversample(0.5));
    expect(Math.abs(corrected - 1)).toBeLessThan(0.15);
    expect(uncorrected).toBeGreaterThan(2);
  });

  it('when negatives are oversampled', async () => {
    const { corrected, uncorrected } = await predictedOverTrue(oversample(0.4), common);
    expect(Math.abs(corrected - 1)).toBeLessThan(0.02);
    expect(uncorrected).toBeLessThan(0.9);
  });

  it.each([0.2, 10])('when positives weigh %d times as much', async (positiveWeight) => {
    const loss = { kind: 'cross-entropy' as const, positiveWeight };
    const { corrected } = await predictedOverTrue({ loss });
    expect(Math.abs(corrected - 1)).toBeLessThan(0.15);
  });

  it('so that validation losses of a whole training can be compared', async () => {
    const lowest = async (options: Partial<ModelConfigInput>) => {
      const checkpoint = new MemoryCheckpoints();
      const { epochs } = await trainModel({ ...run, prepared: rare, model: configure(options), checkpoint });
      return Math.min(...epochs.map(({ validationLoss }) => validationLoss));
    };
    expect((await lowest(oversample(0.5))) / (await lowest({}))).toBeLessThan(1.1);
  });

  it('only after calibration when the loss pulls towards one half', async () => {
    const focal = { loss: { kind: 'focal' as const } };
    expect((await predictedOverTrue(focal)).corrected).toBeGreaterThan(1.5);
    const model = configure(focal);
    const checkpoint = new MemoryCheckpoints();
    const { predictions } = await trainModel({ ...run, prepared: rare, model, checkpoint });
    const total = (of: 'label' | 'probability') =>
      predictions.filter(({ part }) => part === 'test').reduce((sum, prediction) => sum + prediction[of], 0);
    expect(Math.abs(total('probability') / total('label') - 1)).toBeLessThan(0.1);
  });
});
