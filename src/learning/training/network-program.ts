import { sizeOf, type Tensor } from '../../engine/onnx';
import { adam, type Weights } from '../../engine/nn';
import { type Device, type SessionOptions } from '../../engine/runtime';
import {
  estimateForward,
  estimateTraining,
  ForwardProgram,
  type ForwardRecipe,
  requireMemory,
  Table,
  totalBytes,
  TrainingProgram,
  type TrainingRecipe,
  type TrainingState,
} from '../../engine/training';
import { networkLogits, networkLoss } from '../architectures/build-network';
import { type ModelConfig } from '../architectures/model-config';
import { networkInputs, type NetworkPort, networkPorts } from '../architectures/network';
import { type EncodedExamples, type InputShape } from '../features/encoded-examples';
import { type NamedTensor } from './tensor-file';
import { type Trainable, type TrainingChunk } from './trainable';
import { VALIDATION_BLOCK } from './validate';

/** Input of the training program that is not the network's. */
const LABELS = 'labels';
/** Among the tensors of a state: how many steps led to it. */
const STEP = 'step';
/** Precedes the names of tables among the tensors of a state. */
const TABLE = 'table ';
/** Bounds the memory of one chunk's examples. */
const MAX_CHUNK_BYTES = 64 * 2 ** 20;
const MAX_CHUNK_STEPS = 256;

export interface NetworkProgramOptions {
  readonly model: ModelConfig;
  readonly shape: InputShape;
  /** Examples of the training part. */
  readonly exampleCount: number;
  readonly device: Device;
  readonly threads: number;
  /** What compiling, training and judging may take. No limit unless given. */
  readonly memoryBytes?: number;
}

/** A configured network on the engine: its training program, its forward program, and its present state. */
export class NetworkProgram implements Trainable {
  readonly maxChunkSteps: number;
  private isClosed = false;
  /** What the state's weights are, once someone asked; or weights that were restored without a state. */
  private known: Weights | null = null;

  private constructor(
    private readonly programs: { training: TrainingProgram<string>; forward: ForwardProgram<string> },
    private readonly ports: readonly NetworkPort[],
    readonly batchSize: number,
    private current: TrainingState,
  ) {
    this.maxChunkSteps = maxChunkSteps(ports, batchSize);
  }

  /** @throws AppError INVALID_CONFIGURATION when the device cannot be used, or memory is too small. */
  static async compile(options: NetworkProgramOptions): Promise<NetworkProgram> {
    const { model, shape, exampleCount, device, threads, memoryBytes } = options;
    const session: SessionOptions = { device, threads };
    const ports = networkPorts(shape);
    const batchSize = evenBatchSize(exampleCount, model.batchSize);
    if (memoryBytes !== undefined)
      requireMemory((batch) => networkMemory(options, batch), { batch: batchSize, limitBytes: memoryBytes });
    const training = await TrainingProgram.compile(trainingRecipe(options, batchSize), {
      ...session,
      seed: model.seed,
    });
    const forward = await ForwardProgram.compile(forwardRecipe(options), session);
    return new NetworkProgram({ training, forward }, ports, batchSize, training.initialState(model.seed));
  }

  async train({ examples, steps, firstStep, learningRates }: TrainingChunk): Promise<Float32Array> {
    const inputs: Record<string, Float32Array | Int32Array> = { [LABELS]: examples.labels_N };
    for (const port of this.ports) inputs[port.name] = port.read(examples);
    const state = { ...this.current, step: firstStep };
    const result = await this.programs.training.run(state, { steps, inputs, learningRates });
    this.current = result.state;
    this.known = null;
    return result.losses;
  }

  async predict(examples: EncodedExamples): Promise<Float32Array> {
    const inputs: Record<string, Tensor> = {};
    for (const port of this.ports) {
      const shape = [examples.count, ...port.shape];
      inputs[port.name] = { dtype: port.dtype, shape, data: port.read(examples) } as Tensor;
    }
    const { logits } = await this.programs.forward.run(this.trained(), inputs);
    if (logits?.dtype !== 'float32') throw new TypeError('the forward program answers no logits');
    return logits.data;
  }

  weights(): NamedTensor[] {
    return Array.from(this.trained(), ([name, { shape, data }]) => ({ name, dims: shape, data }));
  }

  state(): NamedTensor[] {
    const { step, tensors, tables } = this.current;
    return [
      { name: STEP, dims: [1], data: Float32Array.of(step) },
      ...Object.entries(tensors).map(([name, data]) => ({ name, dims: [data.length], data })),
      ...Object.entries(tables).map(([name, table]) => {
        const data = table.read().slice();
        return { name: TABLE + name, dims: [data.length / table.width, table.width], data };
      }),
    ];
  }

  restore(tensors: readonly NamedTensor[]): void {
    const given = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const step = given.get(STEP)?.data[0];
    if (step === undefined) {
      this.known = new Map(
        tensors.map(({ name, dims, data }) => [name, { dtype: 'float32', shape: dims, data }]),
      );
      return;
    }
    const { current } = this;
    this.known = null;
    this.current = {
      step,
      tensors: mapValues(current.tensors, (data, name) => given.get(name)?.data ?? data),
      tables: mapValues(current.tables, (table, name) => {
        const data = given.get(TABLE + name)?.data;
        return data ? new Table(data.slice(), table.width) : table;
      }),
    };
  }

  /** Weights by name and layer, as the artifact takes them. */
  trained(): Weights {
    this.known ??= this.programs.training.weights(this.current);
    return this.known;
  }

  /** Frees the sessions and their memory; once is enough. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.programs.training.close();
    await this.programs.forward.close();
  }
}

function trainingRecipe(
  { model, shape, exampleCount }: NetworkProgramOptions,
  batchSize: number,
): TrainingRecipe<string> {
  const { beta1, beta2, epsilon, clipNorm } = model.optimizer;
  return {
    inputs: {
      ...inputsOf(shape, batchSize),
      [LABELS]: { dtype: 'float32', shape: [batchSize] },
    },
    loss: (scope, { [LABELS]: labels_N, ...values }) => {
      if (!labels_N) throw new TypeError('the training step has no labels');
      return networkLoss(scope, networkInputs(values), { model, shape, labels_N });
    },
    optimizer: adam({ beta1, beta2, epsilon }),
    weightDecay: model.l2,
    clipNorm,
    averaging: averagingDecay(model, Math.floor(exampleCount / batchSize) * model.maxEpochs),
  };
}

function forwardRecipe({ model, shape }: NetworkProgramOptions): ForwardRecipe<string> {
  return {
    inputs: inputsOf(shape, 'N'),
    outputs: (scope, values) => ({
      logits: networkLogits(scope, networkInputs(values), { model, shape }),
    }),
  };
}

function inputsOf<Batch extends number | string>(shape: InputShape, batch: Batch) {
  return Object.fromEntries(
    networkPorts(shape).map(({ name, dtype, shape: tail }) => [name, { dtype, shape: [batch, ...tail] }]),
  );
}

/** Bytes that a process grows by, at most, which trains and judges: both programs, as a session keeps what it took. */
export function networkMemory(options: NetworkProgramOptions, batchSize: number): number {
  const steps = maxChunkSteps(networkPorts(options.shape), batchSize);
  return (
    totalBytes(estimateTraining(trainingRecipe(options, batchSize)), steps) +
    totalBytes(estimateForward(forwardRecipe(options), VALIDATION_BLOCK), 1)
  );
}

function maxChunkSteps(ports: readonly NetworkPort[], batchSize: number): number {
  const bytesPerStep = 4 * batchSize * (1 + ports.reduce((sum, { shape }) => sum + sizeOf(shape), 0));
  return Math.max(1, Math.min(MAX_CHUNK_STEPS, Math.floor(MAX_CHUNK_BYTES / bytesPerStep)));
}

/** The largest size up to the wanted one that cuts the examples into equal batches, but for a few examples. */
function evenBatchSize(exampleCount: number, wanted: number): number {
  const batches = Math.max(1, Math.ceil(exampleCount / wanted));
  return Math.max(1, Math.floor(exampleCount / batches));
}

/** The configured decay, or what averages over a tenth of the run where that is less: first weights must fade. */
function averagingDecay({ averaging }: ModelConfig, totalSteps: number): number {
  return Math.max(0, Math.min(averaging, 1 - 10 / totalSteps));
}

function mapValues<V>(
  record: Readonly<Record<string, V>>,
  change: (value: V, name: string) => V,
): Record<string, V> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
