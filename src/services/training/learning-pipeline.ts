import { availableParallelism } from 'node:os';
import { modelConfigSchema } from '../../learning/architectures/model-config';
import { prepareExamples } from '../../learning/preparation/prepare-examples';
import { type FitNetworkOptions } from '../../learning/fit-network';
import { judgeModel } from '../../learning/judge-model';
import { trainModel } from '../../learning/train-model';
import { deviceFor } from './requested-device';
import { type PipelineInput, type TrainingPipeline, type TrialPipeline } from './training-pipeline';

export interface LearningPipelineOptions {
  readonly device: FitNetworkOptions['device'];
  /** Trainings that share the machine's cores. */
  readonly concurrency: number;
  /** Most memory that one training may take; null: what is free. */
  readonly memoryBytes: number | null;
}

/** Prepares the examples of the file and fits, evaluates and exports the configured model. */
export function learningPipeline(options: LearningPipelineOptions): TrainingPipeline {
  return (input) => withExamples(options, input, trainModel);
}

/** Prepares the examples of the file, fits the configured model and judges it. */
export function judgingPipeline(options: LearningPipelineOptions): TrialPipeline {
  return (input) =>
    withExamples(options, input, (fitting) => judgeModel({ ...fitting, judgesTest: input.judgesTest }));
}

async function withExamples<T>(
  { device, concurrency, memoryBytes }: LearningPipelineOptions,
  input: PipelineInput,
  work: (options: FitNetworkOptions) => Promise<T>,
): Promise<T> {
  const share = {
    // Alone on the machine, the trainer knows best.
    ...(concurrency === 1 ? {} : { threads: Math.max(1, Math.floor(availableParallelism() / concurrency)) }),
    ...(memoryBytes === null ? {} : { memoryBytes }),
  };
  const {
    csvPath,
    format,
    receivedAt,
    spec,
    mapping,
    entities,
    workDirectory,
    onPrepared,
    requestedDevice = 'AUTO',
    ...training
  } = input;
  const { signal } = training;
  // Stored before an option existed, a configuration lacks it: its default is what was meant.
  const model = modelConfigSchema.parse(training.model);
  const prepared = await prepareExamples({
    csvPath,
    format: format ?? undefined,
    spec,
    mapping,
    entities,
    receivedAt: receivedAt ?? undefined,
    workDirectory,
    seed: model.seed,
    signal,
  });
  onPrepared({ accounting: prepared.accounting, split: prepared.split });
  try {
    return await work({
      ...training,
      ...share,
      model,
      prepared,
      device: deviceFor(requestedDevice, device),
    });
  } finally {
    await prepared.close();
  }
}
