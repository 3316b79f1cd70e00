import { sizeOf, type Tensor } from '../../engine/onnx';
import { type Weights } from '../../engine/nn';
import { type Device, type SessionOptions } from '../../engine/runtime';
import { ForwardProgram, TrainingProgram, type TrainingState } from '../../engine/training';
import { networkLogits, networkLoss } from '../architectures/build-network';
import { type ModelConfig } from '../architectures/model-config';
import { networkInputs, type NetworkPort, networkPorts } from '../architectures/network';
import { type EncodedExamples, type InputShape } from '../features/encoded-examples';
import { trimmedShape } from './length-buckets';
import { LengthPrograms } from './length-programs';
import { updateRule } from './optimizer';
import { type NamedTensor } from './tensor-file';
import { type Trainable, type TrainingChunk } from './trainable';
import { fittingWeights, type WarmStart } from './warm-start';

/** Inputs of the training program that are not the network's. */
const LABELS = 'labels';
const WEIGHTS = 'weights';
/** The state's tensors that hold all weights: the present ones, and their average where one is kept. */
const PARAMETERS = 'parameters';
const AVERAGE = 'average';
/** Bounds the memory of one chunk's examples. */
const MAX_CHUNK_BYTES = 64 * 2 ** 20;
const MAX_CHUNK_STEPS = 256;

export interface NetworkProgramOptions {
  readonly model: ModelConfig;
  readonly shape: InputShape;
  /** Examples of an epoch. */
  readonly exampleCount: number;
  /** ln of how many times an epoch's odds of a positive are the data's; 0 unless given. */
  readonly logitShift?: number;
  /** Of an earlier model: those that fit are what training starts from. */
  readonly initialWeights?: Weights;
  readonly device: Device;
  readonly threads: number;
}

/** A configured network on the engine: its training program, its forward program, and its present state. */
export class NetworkProgram implements Trainable {
  readonly maxChunkSteps: number;
  /** Where the first weights came from. */
  readonly warmStart: WarmStart;
  private tensors: TrainingState['tensors'];

  private constructor(
    private readonly programs: { training: LengthPrograms; forward: ForwardProgram<string> },
    private readonly ports: readonly NetworkPort[],
    readonly batchSize: number,
    start: { tensors: TrainingState['tensors']; warmStart: WarmStart },
  ) {
    ({ tensors: this.tensors, warmStart: this.warmStart } = start);
    const bytesPerStep = 4 * batchSize * (2 + ports.reduce((sum, { shape }) => sum + sizeOf(shape), 0));
    this.maxChunkSteps = Math.max(1, Math.min(MAX_CHUNK_STEPS, Math.floor(MAX_CHUNK_BYTES / bytesPerStep)));
  }

  /** @throws AppError INVALID_CONFIGURATION when the device cannot be used. */
  static async compile(options: NetworkProgramOptions): Promise<NetworkProgram> {
    const { model, shape, exampleCount, device, threads, logitShift = 0, initialWeights } = options;
    const session: SessionOptions = { device, threads };
    const batchSize = evenBatchSize(exampleCount, model.batchSize);
    const averaging = averagingDecay(model, Math.ceil(exampleCount / batchSize) * model.maxEpochs);

    const training = await LengthPrograms.create(shape.sequence?.maxLength ?? 1, (length) =>
      TrainingProgram.compile<string>(
        {
          inputs: {
            ...portInputs(networkPorts(trimmedShape(shape, length)), batchSize),
            [LABELS]: { dtype: 'float32', shape: [batchSize] },
            [WEIGHTS]: { dtype: 'float32', shape: [batchSize] },
          },
          loss: (scope, { [LABELS]: labels_N, [WEIGHTS]: weights_N, ...values }) => {
            if (!labels_N || !weights_N) throw new TypeError('the training step has no labels or weights');
            const given = { labels_N, weights_N, logitShift };
            return networkLoss(scope, networkInputs(values), { model, shape, ...given });
          },
          ...updateRule(model),
          averaging,
        },
        { ...session, seed: model.seed },
      ),
    );
    const ports = networkPorts(shape);
    const forward = await ForwardProgram.compile<string>(
      {
        inputs: portInputs(ports, 'N'),
        outputs: (scope, values) => ({
          logits: networkLogits(scope, networkInputs(values), { model, shape }),
        }),
      },
      session,
    );
    const { weights, warmStart } = fittingWeights(training.longest.parameters, initialWeights ?? new Map());
    const { tensors } = training.longest.initialState(model.seed, weights);
    return new NetworkProgram({ training, forward }, ports, batchSize, { tensors, warmStart });
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
    return this.state().filter(({ name }) => name === kept);
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

  async close(): Promise<void> {
    await this.programs.training.close();
    await this.programs.forward.close();
  }
}

function portInputs<Batch extends number | string>(ports: readonly NetworkPort[], batch: Batch) {
  return Object.fromEntries(
    ports.map(({ name, dtype, shape }) => [name, { dtype, shape: [batch, ...shape] }]),
  );
}

/** The smallest size that cuts the examples into no more batches than the wanted one: all full, but for the last. */
function evenBatchSize(exampleCount: number, wanted: number): number {
  const batches = Math.max(1, Math.ceil(exampleCount / wanted));
  return Math.max(1, Math.ceil(exampleCount / batches));
}

/** The configured decay, or what averages over a tenth of the run where that is less: first weights must fade. */
function averagingDecay({ averaging }: ModelConfig, totalSteps: number): number {
  return Math.max(0, Math.min(averaging, 1 - 10 / totalSteps));
}
