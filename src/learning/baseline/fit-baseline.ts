import { AppError } from '../../errors';
import { modelConfigSchema } from '../architectures/model-config';
import { calibrate, fitPlattScaling } from '../evaluation/platt-scaling';
import { type PreparedExamples } from '../preparation/prepared-examples';
import { countClasses } from '../training/class-balance';
import { compileNetwork } from '../training/compile-network';
import { type CheckpointStore } from '../training/contract';
import { fit } from '../training/fit';
import { predictLogits } from '../training/validate';
import { type FittedBaseline } from './baseline';
import { sampled } from './sampled';

/** Fitting costs no more than this, however large the data: examples fitted on, visits to them, and examples judged on at each epoch. */
const MOST = { examples: 200_000, visits: 2_000_000, judged: 50_000 };

/** Fitted anew rather than taken up: it takes seconds. */
const NOTHING_KEPT: CheckpointStore = {
  load: () => Promise.resolve(null),
  save: () => Promise.resolve(),
};

export interface BaselineOptions {
  readonly prepared: Pick<PreparedExamples, 'train' | 'validation' | 'test'>;
  readonly seed: number;
  readonly threads: number;
  /** Most memory that it may take, in bytes; what is free when absent. */
  readonly memoryBytes?: number | undefined;
  /** Heeded between chunks of steps. */
  readonly signal: AbortSignal;
}

/**
 * Logistic regression on the encoded columns, of histories on their mean, their last step and their length, with the
 * defaults of the architecture `linear`: fitted on the training part, its epoch and its calibration chosen on the validation
 * part. Where that cannot be fitted, the share of positives in the training part stands in for it.
 */
export async function fitBaseline(options: BaselineOptions): Promise<FittedBaseline> {
  try {
    return await logisticRegression(options);
  } catch (error) {
    if (options.signal.aborted || !(error instanceof AppError)) throw error;
    return baseRate(options);
  }
}

async function logisticRegression({
  prepared,
  seed,
  threads,
  memoryBytes,
  signal,
}: BaselineOptions): Promise<FittedBaseline> {
  const train = sampled(prepared.train, MOST.examples, seed);
  const defaults = modelConfigSchema.parse({ architecture: 'linear', seed, lengthBuckets: 1 });
  const maxEpochs = Math.min(defaults.maxEpochs, Math.floor(MOST.visits / train.count));
  const model = { ...defaults, maxEpochs };
  // A GPU gains nothing with a model that small.
  const { program } = await compileNetwork({
    ...{ model, shape: train.shape, exampleCount: train.count, logitShift: 0, device: 'cpu', threads },
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  });
  try {
    await fit({
      data: { train, validation: sampled(prepared.validation, MOST.judged, seed) },
      ...{ trainable: program, model, signal },
      ...{ checkpoint: NOTHING_KEPT, fingerprint: '', onProgress: () => undefined },
    });
    const validation = await predictLogits(program, prepared.validation, signal);
    const test = await predictLogits(program, prepared.test, signal);
    if (![validation, test].every(({ logits_N }) => logits_N.every(Number.isFinite)))
      throw new AppError('TRAINING_FAILED', 'the logistic regression answers with what is not a number');
    const calibration = fitPlattScaling(validation.labels_N, validation.logits_N);
    return {
      name: 'LOGISTIC_REGRESSION',
      examples: train.count,
      probabilities: {
        validation: calibrate(validation.logits_N, calibration),
        test: calibrate(test.logits_N, calibration),
      },
    };
  } finally {
    await program.close();
  }
}

function baseRate({ prepared: { train, validation, test } }: BaselineOptions): FittedBaseline {
  const { positives, negatives } = countClasses(train.labels_N);
  // Laplace's rule: neither outcome is impossible because it was not seen.
  const rate = (positives + 1) / (positives + negatives + 2);
  return {
    name: 'BASE_RATE',
    examples: train.count,
    probabilities: {
      validation: new Float32Array(validation.count).fill(rate),
      test: new Float32Array(test.count).fill(rate),
    },
  };
}
