import { type Tensor } from '../../engine/onnx';
import { type Weights } from '../../engine/nn';
import { type Device, type SessionOptions } from '../../engine/runtime';
import {
  ForwardProgram,
  requireMemory,
  Table,
  TrainingProgram,
  type TrainingState,
} from '../../engine/training';
import { type NetworkPort, networkPorts } from '../architectures/network';
import { type EncodedExamples } from '../features/encoded-examples';
import { type StartingWeights } from '../warm-start/carry-over';
import { LengthPrograms } from './length-programs';
import {
  evenBatchSize,
  forwardRecipe,
  LABELS,
  maxChunkSteps,
  maxLength,
  type NetworkDescription,
  networkMemory,
  trainingRecipe,
  WEIGHTS,
} from './network-recipes';
import { type NamedTensor } from './tensor-file';
import { type Trainable, type TrainingChunk } from './trainable';

/** Among the tensors of a state: how many steps led to it, as two numbers that single precision holds exactly. */
const STEP = 'step';
const STEP_BASE = 2 ** 20;
/** Precedes the names of tables among the tensors of a state. */
const TABLE = 'table ';

export interface NetworkProgramOptions extends NetworkDescription {
  /** What training starts from in place of the drawn weights, of the same names and shapes; these unless given. */
  readonly start?: (drawn: Weights) => StartingWeights;
  readonly device: Device;
  readonly threads: number;
  /** What compiling, training and judging may take. No limit unless given. */
  readonly memoryBytes?: number;
}

type Started = Omit<StartingWeights, 'weights'>;

/** A configured network on the engine: its training program, its forward program, and its present state. */
export class NetworkProgram implements Trainable {
  readonly maxChunkSteps: number;
  /** How many of the first weights were given, and of how many; null where none were. */
  readonly started: Started | null;
  private current: TrainingState;
  private isClosed = false;
  /** What the state's weights are, once someone asked; or weights that were restored without a state. */
  private known: Weights | null = null;

  private constructor(
    private readonly programs: { training: LengthPrograms; forward: ForwardProgram<string> },
    private readonly ports: readonly NetworkPort[],
    readonly batchSize: number,
    start: { state: TrainingState; started: Started | null },
  ) {
    ({ state: this.current, started: this.started } = start);
    this.maxChunkSteps = maxChunkSteps(ports, batchSize);
  }

  /** @throws AppError INVALID_CONFIGURATION when the device cannot be used, or memory is too small. */
  static async compile(options: NetworkProgramOptions): Promise<NetworkProgram> {
    const { model, shape, exampleCount, device, threads, memoryBytes } = options;
    const session: SessionOptions = { device, threads };
    const batchSize = evenBatchSize(exampleCount, model.batchSize);
    if (memoryBytes !== undefined)
      requireMemory((batch) => networkMemory(options, batch), { batch: batchSize, limitBytes: memoryBytes });

    const training = await LengthPrograms.create(maxLength(shape), (length) =>
      TrainingProgram.compile(trainingRecipe(options, { batch: batchSize, length }), {
        ...session,
        seed: model.seed,
      }),
    );
    const forward = await ForwardProgram.compile(forwardRecipe(options), session);
    const start = firstState(training.longest, options);
    return new NetworkProgram({ training, forward }, networkPorts(shape), batchSize, start);
  }

  async train(chunk: TrainingChunk): Promise<Float32Array> {
    const { examples, weights_N, length, steps, firstStep, learningRates } = chunk;
    const program = await this.programs.training.of(length);
    const inputs: Record<string, Float32Array | Int32Array> = {
      [LABELS]: examples.labels_N,
      [WEIGHTS]: weights_N,
    };
    for (const port of this.ports) inputs[port.name] = port.read(examples);
    const state = { ...this.current, step: firstStep };
    const result = await program.run(state, { steps, inputs, learningRates });
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
      { name: STEP, dims: [2], data: Float32Array.of(Math.floor(step / STEP_BASE), step % STEP_BASE) },
      ...Object.entries(tensors).map(([name, data]) => ({ name, dims: [data.length], data })),
      ...Object.entries(tables).map(([name, table]) => {
        const data = table.read().slice();
        return { name: TABLE + name, dims: [data.length / table.width, table.width], data };
      }),
    ];
  }

  restore(tensors: readonly NamedTensor[]): void {
    const given = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const step = given.get(STEP)?.data;
    if (!step) {
      this.known = new Map(
        tensors.map(({ name, dims, data }) => [name, { dtype: 'float32', shape: dims, data }]),
      );
      return;
    }
    const { current } = this;
    const [high = 0, low = 0] = step;
    this.known = null;
    this.current = {
      step: high * STEP_BASE + low,
      tensors: mapValues(current.tensors, (data, name) => given.get(name)?.data ?? data),
      tables: mapValues(current.tables, (table, name) => {
        const data = given.get(TABLE + name)?.data;
        return data ? new Table(data.slice(), table.width) : table;
      }),
    };
  }

  /** Weights by name and layer, as the artifact takes them. */
  trained(): Weights {
    this.known ??= this.programs.training.longest.weights(this.current);
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

function firstState(
  program: LengthPrograms['longest'],
  { model, start }: Pick<NetworkProgramOptions, 'model' | 'start'>,
): { state: TrainingState; started: Started | null } {
  const state = program.initialState(model.seed);
  if (!start) return { state, started: null };
  const { weights, ...started } = start(program.weights(state));
  return { state: program.initialState(model.seed, weights), started };
}

function mapValues<V>(
  record: Readonly<Record<string, V>>,
  change: (value: V, name: string) => V,
): Record<string, V> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
