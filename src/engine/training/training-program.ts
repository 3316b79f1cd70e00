import { sizeOf, type Tensor } from '../onnx';
import { type ParameterSpec, Random, type Weights } from '../nn';
import { type Feeds, fitToDevice, Session, type SessionOptions } from '../runtime';
import { BUFFERS, stateDigest } from './buffers';
import { diagnose } from './diagnosis';
import { isSound, lastSoundState, trainingFailed } from './failure';
import {
  buildTrainingGraph,
  type StepInput,
  type TrainingGraph,
  type TrainingRecipe,
} from './training-graph';
import { stateFromBytes, stateToBytes, type TrainingState } from './training-state';

/** Several steps' worth of batches, one after another in each array. */
export interface Chunk<Name extends string> {
  /** How many steps. */
  readonly steps: number;
  /** [steps, …shape of the step input], row-major. */
  readonly inputs: Readonly<Record<Name, Float32Array | Int32Array>>;
  /** One per step: schedules live outside. */
  readonly learningRates: ArrayLike<number>;
}

export interface ChunkResult {
  readonly state: TrainingState;
  /** One per step. */
  readonly losses: Float32Array;
  /** Of the gradient before clipping, one per step. */
  readonly gradientNorms: Float32Array;
}

/**
 * A compiled training program: `run` executes many optimizer steps in one call of ONNX Runtime.
 *
 * States are values: `run` takes one and returns the next. The same state, chunk and seed give the same bits (on
 * the same machine with the same number of threads), so a run that resumes from a saved state ends exactly where
 * an unbroken one does.
 */
export class TrainingProgram<Name extends string> {
  private constructor(
    private readonly program: TrainingGraph,
    private readonly recipe: TrainingRecipe<Name>,
    private readonly session: Session,
    private readonly options: SessionOptions & { seed: number },
  ) {}

  /**
   * @param options.seed of dropout's noise.
   * @throws GraphError when the model does not fit together; AppError INVALID_CONFIGURATION for the device.
   */
  static async compile<Name extends string>(
    recipe: TrainingRecipe<Name>,
    options: SessionOptions & { seed: number },
  ): Promise<TrainingProgram<Name>> {
    const program = buildTrainingGraph(recipe);
    const session = await Session.compile(program.graph, options);
    return new TrainingProgram(program, recipe, session, options);
  }

  get parameters(): readonly ParameterSpec[] {
    return this.program.layout.specs;
  }

  /** @param given parameters and buffers to take over by name, from an earlier model. */
  initialState(seed: number, given?: Weights): TrainingState {
    const { layout, buffers, state } = this.program;
    const parameters = layout.initial(seed, given);
    const first = (name: string): Float32Array => {
      if (name === BUFFERS && buffers) return buffers.initial(seed, given);
      return name === 'parameters' || name === 'average' ? parameters : new Float32Array(layout.size);
    };
    return { step: 0, tensors: Object.fromEntries(state.map((name) => [name, first(name)])) };
  }

  /**
   * @throws AppError TRAINING_FAILED when a loss, a gradient or the state is not finite, naming the step and the
   * tensor that it began with. The state given stays as it was.
   */
  async run(state: TrainingState, chunk: Chunk<Name>): Promise<ChunkResult> {
    const result = await this.execute(state, chunk);
    if (!isSound(result)) throw await this.failure(state, chunk, result);
    return result;
  }

  /** The trained parameters by name (their moving average, where one is kept), and the buffers as they are. */
  weights(state: TrainingState): Map<string, Tensor<'float32'>> {
    return this.named(state, 'average' in state.tensors ? 'average' : 'parameters');
  }

  stateToBytes(state: TrainingState): Uint8Array {
    return stateToBytes(state, stateDigest(this.program.layout, this.program.buffers));
  }

  /** @throws AppError INVALID_DATA for bytes that are no state of this program. */
  stateFromBytes(bytes: Uint8Array): TrainingState {
    return stateFromBytes(bytes, stateDigest(this.program.layout, this.program.buffers));
  }

  async close(): Promise<void> {
    await this.session.close();
  }

  endProfiling(): void {
    this.session.endProfiling();
  }

  private named(state: TrainingState, kind: 'parameters' | 'average'): Map<string, Tensor<'float32'>> {
    const { layout, buffers } = this.program;
    const flat = (name: string): Float32Array => state.tensors[name] ?? new Float32Array();
    return new Map([...layout.weights(flat(kind)), ...(buffers?.weights(flat(BUFFERS)) ?? [])]);
  }

  /** The error of a chunk that did not end well. */
  private async failure(state: TrainingState, chunk: Chunk<Name>, found: ChunkResult): Promise<Error> {
    const before = await lastSoundState(state, found, (steps) => this.execute(state, { ...chunk, steps }));
    const step = this.stepOf(chunk, before.step - state.step);
    const program = buildTrainingGraph(this.recipe);
    fitToDevice(program.graph, this.options.device);
    const finding = await diagnose(program, async (model) => {
      const session = await Session.create(model, { ...this.options, asWritten: true });
      try {
        return await session.run(this.feeds(before, step));
      } finally {
        await session.close();
      }
    });
    return trainingFailed(before.step + 1, await this.execute(before, step), finding);
  }

  private async execute(state: TrainingState, chunk: Chunk<Name>): Promise<ChunkResult> {
    const outputs = await this.session.run(this.feeds(state, chunk));
    const floats = (name: string): Float32Array => {
      const tensor = outputs[name];
      return tensor?.dtype === 'float32' ? tensor.data : new Float32Array();
    };
    return {
      state: {
        step: state.step + chunk.steps,
        tensors: Object.fromEntries(this.program.state.map((name) => [name, floats(`next.${name}`)])),
      },
      losses: floats('losses'),
      gradientNorms: floats('gradientNorms'),
    };
  }

  private feeds(state: TrainingState, chunk: Chunk<Name>): Feeds {
    const { noise, scalars } = this.program;
    const { steps } = chunk;
    const feeds: Record<string, Tensor> = {
      steps: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(steps)) },
      scalars: {
        dtype: 'float32',
        shape: [steps, scalars.length],
        data: this.scalarsOf(state.step, chunk),
      },
    };
    for (const [name, { dtype, shape }] of Object.entries<StepInput>(this.recipe.inputs)) {
      const data = chunk.inputs[name as Name].subarray(0, steps * sizeOf(shape));
      feeds[name] = { dtype, shape: [steps, ...shape], data } as Tensor;
    }
    if (noise.length > 0) feeds['noise'] = this.noiseOf(state.step, steps);
    for (const name of this.program.state) {
      const data = state.tensors[name] ?? new Float32Array();
      feeds[name] = { dtype: 'float32', shape: [data.length], data };
    }
    return feeds;
  }

  private scalarsOf(firstStep: number, chunk: Chunk<Name>): Float32Array {
    const { scalars } = this.program;
    const data = new Float32Array(chunk.steps * scalars.length);
    for (let index = 0; index < chunk.steps; index += 1) {
      const learningRate = chunk.learningRates[index] ?? 0;
      const values: Record<string, number> = {
        ...this.recipe.optimizer.scalars(firstStep + index + 1, learningRate),
        learningRate,
      };
      scalars.forEach((name, column) => (data[index * scalars.length + column] = values[name] ?? 0));
    }
    return data;
  }

  /** Uniform numbers, keyed by seed and step: what a step draws does not depend on where its chunk began. */
  private noiseOf(firstStep: number, steps: number): Tensor {
    const width = this.program.noise.reduce((total, { shape }) => total + sizeOf(shape), 0);
    const data = new Float32Array(steps * width);
    for (let index = 0; index < steps; index += 1) {
      const random = new Random(this.options.seed, firstStep + index);
      for (let column = 0; column < width; column += 1) data[index * width + column] = random.uniform();
    }
    return { dtype: 'float32', shape: [steps, width], data };
  }

  /** One step of a chunk, as a chunk. */
  private stepOf(chunk: Chunk<Name>, step: number): Chunk<Name> {
    const inputs = Object.entries<StepInput>(this.recipe.inputs).map(([name, { shape }]) => {
      const size = sizeOf(shape);
      return [name, chunk.inputs[name as Name].subarray(step * size, (step + 1) * size)] as const;
    });
    return {
      steps: 1,
      inputs: Object.fromEntries(inputs) as Chunk<Name>['inputs'],
      learningRates: [chunk.learningRates[step] ?? 0],
    };
  }
}
