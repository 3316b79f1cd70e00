import { AppError } from '../../src/errors';
import { tensorOf } from '../../src/engine/onnx';
import { type Device } from '../../src/engine/runtime';
import { trainModel } from '../../src/learning/train-model';
import { compileNetwork } from '../../src/learning/training/compile-network';
import { generatePrepared, orderTask } from '../../src/learning/training/prepared-test-support';
import { MemoryCheckpoints } from '../../src/learning/training/test-support';
import { type Computed, type DeviceCase, type Result } from './device-case';
import { train } from './preset-cases';
import { drawExamples, presets } from './presets';
import { fullChunk } from '../../test/support/full-chunk';

/** What is trained over several epochs, as `PROPENSITY_TRAINING_DEVICE` would have it, and what must stop a run. */
export function trainingCases(): DeviceCase[] {
  return [
    { kind: 'training', name: 'from examples to a certified artifact', size: 'small', compute: trainWhole },
    { kind: 'training', name: 'tables of which a step touches few rows', size: 'small', compute: trainRows },
    { kind: 'training', name: 'a NaN among the inputs stops the run', size: 'small', compute: trainOnNaN },
  ];
}

/** Tiny differences grow over many steps. */
const EPOCHS = 1e-2;

/** The first tiny preset, on a task of order: fitted, calibrated, exported, and certified on the CPU. */
async function trainWhole(device: Device): Promise<Computed> {
  const preset = presets().find(({ size }) => size === 'tiny');
  if (!preset) throw new RangeError('there is no tiny preset');
  const trained = await trainModel({
    prepared: generatePrepared({ train: 640, validation: 128, test: 128 }, orderTask),
    model: { ...preset.model, maxEpochs: 3 },
    device,
    threads: 1,
    checkpoint: new MemoryCheckpoints(),
    signal: new AbortController().signal,
    onPhase: () => undefined,
    onProgress: () => undefined,
  });
  if (trained.device !== device) throw new Error(`it was trained on ${trained.device}`);
  const { epochs, predictions } = trained;
  return {
    'losses of training': numbers(epochs.map(({ trainLoss }) => trainLoss)),
    'losses of validation': numbers(epochs.map(({ validationLoss }) => validationLoss)),
    probabilities: numbers(predictions.map(({ probability }) => probability)),
  };
}

/** The first tiny preset with small batches and large vocabularies: tables are trained row by row. */
function trainRows(device: Device): Promise<Computed> {
  const preset = presets().find(({ size, shape }) => size === 'tiny' && shape.sequence);
  if (!preset?.shape.sequence) throw new RangeError('there is no tiny preset of sequences');
  const { model, shape } = preset;
  return train(
    {
      model: { ...model, batchSize: 8 },
      shape: { ...shape, cardinalities: [90], sequence: { ...preset.shape.sequence, cardinalities: [2000] } },
    },
    device,
  );
}

async function trainOnNaN(device: Device): Promise<Computed> {
  const preset = presets().find(({ size }) => size === 'tiny');
  if (!preset) throw new RangeError('there is no tiny preset');
  const { model, shape } = preset;
  const examples = drawExamples(shape, 3 * model.batchSize);
  examples.numeric_NF[2 * model.batchSize * shape.numericWidth] = NaN;
  const { program } = await compileNetwork({
    model,
    shape,
    exampleCount: examples.count,
    device,
    threads: 1,
  });
  try {
    const learningRates = new Float32Array(3).fill(model.learningRate);
    await program.train(fullChunk(shape, { examples, steps: 3, firstStep: 0, learningRates }));
    return { stopped: text('it went on') };
  } catch (error) {
    // Where it is seen first may differ: what a GPU's `max` makes of NaN is not defined.
    if (error instanceof AppError) return { stopped: text(`${error.code}: ${stepOf(error)}`) };
    throw error;
  } finally {
    await program.close();
  }
}

const stepOf = ({ message }: AppError): string => /^step \d+/.exec(message)?.[0] ?? message;

function numbers(values: readonly number[]): Result {
  return { tensor: tensorOf('float32', [values.length], values), tolerance: EPOCHS };
}

function text(message: string): Result {
  return { tensor: { dtype: 'string', shape: [1], data: [message] }, tolerance: 0 };
}
