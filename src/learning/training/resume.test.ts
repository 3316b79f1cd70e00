import { AppError } from '../../errors';
import { type ModelConfigInput, modelConfigSchema } from '../architectures/model-config';
import { countClasses, epochSize } from './class-balance';
import { type EpochRecord } from './contract';
import { fit } from './fit';
import { NetworkProgram } from './network-program';
import { generatePrepared } from './prepared-test-support';
import { type NamedTensor } from './tensor-file';
import { MemoryCheckpoints } from './test-support';
import { type Trainable, type TrainingChunk } from './trainable';

const prepared = generatePrepared(
  { train: 700, validation: 100, test: 1 },
  ({ kinds, uniform }) => kinds[0] === 'a' && uniform < 0.6,
);

const recurrent = {
  architecture: 'conv-recurrent',
  convolution: { filters: 4 },
  recurrent: { cell: 'GRU', units: 4 },
};

interface Attempt {
  readonly checkpoint: MemoryCheckpoints;
  /** Most steps in a chunk: where chunks are cut must not matter. */
  readonly chunkSteps: number;
  /** The chunk in which the run is told to stop. */
  readonly stopIn?: number;
}

interface Outcome {
  readonly weights: readonly NamedTensor[];
  readonly epochs: readonly EpochRecord[];
  readonly chunks: readonly TrainingChunk[];
}

async function attempt(input: Partial<ModelConfigInput>, options: Attempt): Promise<Outcome> {
  const model = modelConfigSchema.parse({
    ...(input.architecture ? {} : recurrent),
    dense: [4],
    dropout: 0.3,
    maxEpochs: 2,
    batchSize: 10,
    lengthBuckets: 2,
    balance: { kind: 'oversample', share: 0.4 },
    ...input,
  });
  const { visits, logitShift } = epochSize(countClasses(prepared.train.labels_N), model.balance);
  const program = await NetworkProgram.compile({
    model,
    shape: prepared.train.shape,
    exampleCount: visits,
    logitShift,
    device: 'cpu',
    threads: 1,
  });
  const controller = new AbortController();
  const chunks: TrainingChunk[] = [];
  const trainable: Trainable = {
    batchSize: program.batchSize,
    maxChunkSteps: options.chunkSteps,
    train(chunk) {
      if (chunks.push(chunk) === options.stopIn) controller.abort(new AppError('CANCELLED', 'stopped'));
      return program.train(chunk);
    },
    predict: (examples) => program.predict(examples),
    weights: () => program.weights(),
    state: () => program.state(),
    restore: (tensors) => program.restore(tensors),
  };
  try {
    const { epochs } = await fit({
      data: prepared,
      trainable,
      model,
      checkpoint: options.checkpoint,
      fingerprint: 'this run',
      signal: controller.signal,
      onProgress: () => undefined,
    });
    return { weights: program.weights(), epochs: epochs.map((epoch) => ({ ...epoch, seconds: 0 })), chunks };
  } finally {
    await program.close();
  }
}

describe('a bucketed and balanced run ends bit-identically when it is stopped and taken up again', () => {
  it.each<[string, Partial<ModelConfigInput>]>([
    ['adamw', {}],
    ['adam', { optimizer: { name: 'adam' } }],
    ['sgd with momentum', { optimizer: { name: 'sgd' } }],
    ['plain sgd', { optimizer: { name: 'sgd', momentum: 0 } }],
    ['the last weights instead of their average', { averaging: 0 }],
    [
      'focal loss and a rate in steps',
      { loss: { kind: 'focal' }, schedule: { kind: 'step', everyEpochs: 1 } },
    ],
    ['a Transformer', { architecture: 'transformer', attention: { width: 4, heads: 2, hidden: 4 } }],
    [
      'weighted, smoothed labels',
      { loss: { kind: 'cross-entropy', positiveWeight: 3, labelSmoothing: 0.1 } },
    ],
  ])('%s', async (_, input) => {
    const whole = await attempt(input, { checkpoint: new MemoryCheckpoints(), chunkSteps: 8 });
    expect(new Set(whole.chunks.map(({ length }) => length)).size).toBe(2);
    for (const stopIn of [3, 20]) {
      const checkpoint = new MemoryCheckpoints();
      await expect(attempt(input, { checkpoint, chunkSteps: 5, stopIn })).rejects.toMatchObject({
        code: 'CANCELLED',
      });
      const resumed = await attempt(input, { checkpoint, chunkSteps: 3 });
      expect(resumed.chunks[0]!.firstStep).toBeGreaterThan(0);
      expect(resumed.weights).toEqual(whole.weights);
      expect(resumed.epochs).toEqual(whole.epochs);
    }
  });
});

it('is stopped in the last step of an epoch, and loses none of it', async () => {
  const whole = await attempt({}, { checkpoint: new MemoryCheckpoints(), chunkSteps: 1 });
  const stepsPerEpoch = whole.chunks.length / 2;
  const checkpoint = new MemoryCheckpoints();
  await expect(attempt({}, { checkpoint, chunkSteps: 1, stopIn: stepsPerEpoch })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
  const resumed = await attempt({}, { checkpoint, chunkSteps: 1 });
  expect(resumed.chunks[0]!.firstStep).toBe(stepsPerEpoch);
  expect(resumed.weights).toEqual(whole.weights);
  expect(resumed.epochs).toEqual(whole.epochs);
});
