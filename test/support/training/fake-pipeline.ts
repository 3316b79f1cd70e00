import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../src/errors';
import { evaluate } from '../../../src/learning/evaluation/evaluate';
import {
  type PipelineInput,
  type PipelineResult,
  type TrainingPipeline,
  type TrialPipeline,
} from '../../../src/services/training/training-pipeline';

/** What stands in a test's model configuration: how the fake training goes. */
export interface FakeModel {
  readonly steps: number;
  readonly stepMs: number;
  /** `dies` ends its process at the second step of each execution. */
  readonly behaviour: 'succeeds' | 'dies' | 'has-invalid-data' | 'has-a-defect';
  /** File that gets a line per step, so that a test can see who executed what. */
  readonly trace: string | null;
}

export interface TraceLine {
  readonly pid: number;
  readonly step: number;
  readonly at: number;
}

/** The same for trials: the more steps, the better. */
export const fakeTrials: TrialPipeline = async (input) => {
  const fake = input.model as unknown as FakeModel;
  if (fake.behaviour === 'has-invalid-data')
    throw new AppError('INVALID_DATA', 'the column "label" has three values');
  input.onPhase('TRAINING');
  await count(input, fake);
  input.onPhase('EVALUATING');
  const { labels, probabilities } = {
    labels: Float32Array.of(1, 0),
    probabilities: Float32Array.of(0.6, 1 / (2 + fake.steps)),
  };
  const evaluation = evaluate(labels, probabilities, 0.5);
  return {
    device: 'cpu',
    epochs: fake.steps,
    validation: evaluation,
    test: input.judgesTest ? evaluation : null,
  };
};

/** A training that counts: one checkpoint per step, and a result that tells where it was taken up. */
export const fakePipeline: TrainingPipeline = async (input) => {
  const fake = input.model as unknown as FakeModel;
  if (fake.behaviour === 'has-invalid-data') {
    throw new AppError('INVALID_DATA', 'the column "label" has three values', [
      { path: 'label', message: 'must have two values' },
    ]);
  }
  if (fake.behaviour === 'has-a-defect') throw new TypeError('undefined is not a function');
  input.onPhase('TRAINING');
  input.onEvent?.({
    ...{ kind: 'compiled', architecture: 'counting', device: 'cpu', threads: 1, weights: 1, batchSize: 1 },
  });
  await count(input, fake);
  input.onPhase('EVALUATING');
  input.onPhase('EXPORTING');
  return result(fake);
};

async function count(
  { checkpoint, signal, onProgress, onEvent }: PipelineInput,
  fake: FakeModel,
): Promise<void> {
  const saved = await checkpoint.load();
  const first = saved === null ? 1 : Number(Buffer.from(saved).toString()) + 1;
  for (let step = first; step <= fake.steps; step += 1) {
    signal.throwIfAborted();
    await sleep(fake.stepMs, undefined, { signal });
    if (fake.trace !== null) {
      const line: TraceLine = { pid: process.pid, step, at: Date.now() };
      await appendFile(fake.trace, `${JSON.stringify(line)}\n`);
    }
    if (fake.behaviour === 'dies' && step > first) process.kill(process.pid, 'SIGKILL');
    await checkpoint.save(Buffer.from(String(step)));
    onEvent?.({ kind: 'checkpoint-written', epoch: step, step, bytes: 1 });
    onProgress({
      epoch: step,
      maxEpochs: fake.steps,
      step,
      totalSteps: fake.steps,
      loss: 1 / step,
      examplesPerSecond: 1,
      etaSeconds: 0,
      epochs: Array.from({ length: step }, (_, index) => ({
        epoch: index + 1,
        trainLoss: 1,
        validationLoss: 1,
        validationRocAuc: 0.5,
        learningRate: 0.1,
        seconds: 0.01,
      })),
    });
  }
}

function result({ steps }: FakeModel): PipelineResult {
  return {
    artifact: Buffer.from(`artifact of ${steps} steps`),
    recommendedThreshold: 0.5,
    predictions: [{ part: 'test', id: '1', label: 1, probability: 0.75, subject: null }],
    heldOutFeatures: [],
    device: 'cpu',
    evaluation: { count: 1 } as unknown as PipelineResult['evaluation'],
    certificate: { steps } as unknown as PipelineResult['certificate'],
  };
}
