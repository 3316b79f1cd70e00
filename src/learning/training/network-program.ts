import { type Tensor } from '../../engine/onnx';
import { type Weights } from '../../engine/nn';
import { type Device, type SessionOptions } from '../../engine/runtime';
import {
  BUFFERS,
  ForwardProgram,
  requireMemory,
  TrainingProgram,
  type TrainingState,
} from '../../engine/training';
import { type NetworkPort, networkPorts } from '../architectures/network';
import { type EncodedExamples } from '../features/encoded-examples';
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
import { fittingWeights, type WarmStart } from './warm-start';

/** The state's tensors that hold all weights: the present ones, and their average where one is kept. */
const PARAMETERS = 'parameters';
const AVERAGE = 'average';

export interface NetworkProgramOptions extends NetworkDescription {
  /** Of an earlier model: those that fit are what training starts from. */
  readonly initialWeights?: Weights;
  readonly device: Device;
  readonly threads: number;
  /** What compiling, training and judging may take. No limit unless given. */
  readonly memoryBytes?: number;
}

/** A configured network on the engine: its training program, its forward program, and its present state. */
export class NetworkProgram implements Trainable {
  readonly maxChunkSteps: number;
  /** Where the first weights came from. */
  readonly warmStart: WarmStart;
  private tensors: TrainingState['tensors'];
  private isClosed = false;

  private constructor(
    private readonly programs: { training: LengthPrograms; forward: ForwardProgram<string> },
    private readonly ports: readonly NetworkPort[],
    readonly batchSize: number,
    start: { tensors: TrainingState['tensors']; warmStart: WarmStart },
  ) {
    ({ tensors: this.tensors, warmStart: this.warmStart } = start);
    this.maxChunkSteps = maxChunkSteps(ports, batchSize);
  }

  /** @throws AppError INVALID_CONFIGURATION when the device cannot be used, or memory is too small. */
  static async compile(options: NetworkProgramOptions): Promise<NetworkProgram> {
    const { model, shape, exampleCount, device, threads, initialWeights, memoryBytes } = options;
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
    const { weights, warmStart } = fittingWeights(training.longest.parameters, initialWeights ?? new Map());
    const { tensors } = training.longest.initialState(model.seed, weights);
    return new NetworkProgram({ training, forward }, networkPorts(shape), batchSize, { tensors, warmStart });
  }

  async train(chunk: TrainingChunk): Promise<Float32Array> {
    const { examples, weights_N, length, steps, firstStep, learningRates } = chunk;
    const program = await this.programs.training.of(length);
    const inputs: Record<string, Float32Array | Int32Array> = {
      [LABELS]: examples.labels_N,
      [WEIGHTS]: weights_N,
    };
    for (const port of this.ports) inputs[port.name] = port.read(examples);
    const state = { step: firstStep, tensors: this.tensors };
    const result = await program.run(state, { steps, inputs, learningRates });
    this.tensors = result.state.tensors;
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
    const kept = AVERAGE in this.tensors ? AVERAGE : PARAMETERS;
    return this.state().filter(({ name }) => name === kept || name === BUFFERS);
  }

  state(): NamedTensor[] {
    return Object.entries(this.tensors).map(([name, data]) => ({ name, dims: [data.length], data }));
  }

  restore(tensors: readonly NamedTensor[]): void {
    const restored = Object.fromEntries(tensors.map(({ name, data }) => [name, data]));
    this.tensors = { ...this.tensors, ...restored };
  }

  /** Weights by name and layer, as the artifact takes them. */
  trained(): Weights {
    return this.programs.training.longest.weights({ step: 0, tensors: this.tensors });
  }

  /** Frees the sessions and their memory; once is enough. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.programs.training.close();
    await this.programs.forward.close();
  }
}
