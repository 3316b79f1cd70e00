import { sizeOf, type Tensor } from '../onnx';
import { type ParameterSpec, Random, type Weights } from '../nn';
import { type Feeds, fitToDevice, Session, type SessionOptions } from '../runtime';
import { BUFFERS, stateDigest } from './buffers';
import { diagnose } from './diagnosis';
import { isSound, lastSoundSteps, trainingFailed } from './failure';
import { type Piece, stepOfPiece } from './lookups';
import { TrainedTables } from './trained-tables';
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

/** What some steps in one call give. */
export interface PieceResult extends Omit<ChunkResult, 'state'> {
  readonly tensors: TrainingState['tensors'];
  /** Of each table, by its name, the rows that the steps touch, part by part. */
  readonly rows: Readonly<Record<string, readonly Float32Array[]>>;
}

/**
 * A compiled training program: `run` executes many optimizer steps in one call of ONNX Runtime.
 *
 * States are values: `run` takes one and returns the next (see `TrainingState` for large tables). The same state, chunk and seed give the same bits (on
 * the same machine with the same number of threads), so a run that resumes from a saved state ends exactly where
 * an unbroken one does.
 */
export class TrainingProgram<Name extends string> {
  private constructor(
    private readonly program: TrainingGraph,
    private readonly recipe: TrainingRecipe<Name>,
    private readonly compiled: { readonly session: Session; readonly tables: TrainedTables },
    private readonly options: SessionOptions & { seed: number },
  ) {}

  /**
   * @param options.seed of dropout's noise.
   * @param options.carriedNumbers of tables trained row by row, about how many numbers one call of ONNX Runtime
   * carries. Changes how fast a chunk runs, not what comes of it.
   * @throws GraphError when the model does not fit together; AppError INVALID_CONFIGURATION for the device.
   */
  static async compile<Name extends string>(
    recipe: TrainingRecipe<Name>,
    options: SessionOptions & { seed: number; carriedNumbers?: number },
  ): Promise<TrainingProgram<Name>> {
    const program = buildTrainingGraph(recipe);
    const session = await Session.compile(program.graph, options);
    const { device } = session;
    const tables = await TrainedTables.create(program, { device, carriedNumbers: options.carriedNumbers });
    return new TrainingProgram(program, recipe, { session, tables }, options);
  }

  get parameters(): readonly ParameterSpec[] {
    return [...this.program.layout.specs, ...this.program.tables.map(({ spec }) => spec)];
  }

  /** Of everything that a state must fit: programs of one digest go on from each other's states. */
  get digest(): string {
    const { layout, buffers } = this.program;
    return `${stateDigest(layout, buffers)} ${this.compiled.tables.digest}`.trimEnd();
  }

  /** @param given parameters and buffers to take over by name, from an earlier model. */
  initialState(seed: number, given?: Weights): TrainingState {
    const { layout, buffers, state } = this.program;
    const parameters = layout.initial(seed, given);
    const first = (name: string): Float32Array => {
      if (name === BUFFERS && buffers) return buffers.initial(seed, given);
      return name === 'parameters' || name === 'average' ? parameters : new Float32Array(layout.size);
    };
    return {
      step: 0,
      tensors: Object.fromEntries(state.map((name) => [name, first(name)])),
      tables: this.compiled.tables.initial(seed, given),
    };
  }

  /**
   * Where the model looks up rows of large tables, the steps run in as many calls as their rows ask for, and the state
   * given is spent.
   *
   * @throws AppError TRAINING_FAILED when a loss, a gradient or the state is not finite, naming the step and the
   * tensor that it began with; INVALID_DATA for an id that is no row of its table. The state given stays as it was.
   */
  async run(state: TrainingState, chunk: Chunk<Name>): Promise<ChunkResult> {
    const losses = new Float32Array(chunk.steps);
    const gradientNorms = new Float32Array(chunk.steps);
    const undo: (() => void)[] = [];
    let reached = state;
    try {
      for (const piece of await this.compiled.tables.pieces(chunk.steps, this.inputTensors(chunk))) {
        const part = this.partOf(chunk, piece.from, piece.steps);
        const result = await this.execute(reached, part, piece);
        if (!isSound(result)) throw await this.failure(reached, part, { piece, result });
        losses.set(result.losses, piece.from);
        gradientNorms.set(result.gradientNorms, piece.from);
        const next = this.stateAfter(reached, piece, result);
        undo.push(next.undo);
        reached = next.state;
      }
    } catch (error) {
      for (const back of undo.reverse()) back();
      throw error;
    }
    return { state: reached, losses, gradientNorms };
  }

  /** The trained parameters by name (their moving average, where one is kept), and the buffers as they are. */
  weights(state: TrainingState): Map<string, Tensor<'float32'>> {
    const { layout, buffers } = this.program;
    const { tensors, tables, step } = state;
    const flat = (name: string): Float32Array => tensors[name] ?? new Float32Array();
    return new Map([
      ...layout.weights(flat('average' in tensors ? 'average' : 'parameters')),
      ...(buffers?.weights(flat(BUFFERS)) ?? []),
      ...this.compiled.tables.weights(tables, step),
    ]);
  }

  stateToBytes(state: TrainingState): Uint8Array {
    return stateToBytes(state, this.digest);
  }

  /** @throws AppError INVALID_DATA for bytes that are no state of this program. */
  stateFromBytes(bytes: Uint8Array): TrainingState {
    return stateFromBytes(bytes, this.digest);
  }

  async close(): Promise<void> {
    await this.compiled.session.close();
    await this.compiled.tables.close();
  }

  endProfiling(): void {
    this.compiled.session.endProfiling();
  }

  /** The state after some of a piece's steps, the one given being spent; `undo` makes that good again. */
  private stateAfter(
    state: TrainingState,
    piece: Piece,
    result: PieceResult,
  ): { state: TrainingState; undo: () => void } {
    const { tables, undo } = this.compiled.tables.replace(state.tables, piece, result.rows);
    const step = state.step + result.losses.length;
    return { state: { step, tensors: result.tensors, tables }, undo };
  }

  /** The error of a piece that did not end well. */
  private async failure(
    state: TrainingState,
    chunk: Chunk<Name>,
    found: { piece: Piece; result: PieceResult },
  ): Promise<Error> {
    const { piece } = found;
    const sound = await lastSoundSteps(found.result, (steps) =>
      this.execute(state, this.partOf(chunk, 0, steps), piece),
    );
    const { state: before, undo } = sound
      ? this.stateAfter(state, piece, sound)
      : { state, undo: () => undefined };
    try {
      const done = before.step - state.step;
      return await this.failureOfStep(before, this.partOf(chunk, done, 1), stepOfPiece(piece, done));
    } finally {
      undo();
    }
  }

  /** The error of a step that does not end well. */
  private async failureOfStep(before: TrainingState, step: Chunk<Name>, piece: Piece): Promise<Error> {
    const program = buildTrainingGraph(this.recipe);
    fitToDevice(program.graph, this.options.device);
    const finding = await diagnose(program, async (model) => {
      const session = await Session.create(model, { ...this.options, asWritten: true });
      try {
        return await session.run(this.feeds(before, step, piece));
      } finally {
        await session.close();
      }
    });
    return trainingFailed(before.step + 1, await this.execute(before, step, piece), finding);
  }

  /** Runs the steps of a chunk, which are a piece or its first ones. */
  private async execute(state: TrainingState, chunk: Chunk<Name>, piece: Piece): Promise<PieceResult> {
    const outputs = await this.compiled.session.run(this.feeds(state, chunk, piece));
    const floats = (name: string): Float32Array => {
      const tensor = outputs[name];
      return tensor?.dtype === 'float32' ? tensor.data : new Float32Array();
    };
    return {
      tensors: Object.fromEntries(this.program.state.map((name) => [name, floats(`next.${name}`)])),
      rows: this.compiled.tables.rows(floats),
      losses: floats('losses'),
      gradientNorms: floats('gradientNorms'),
    };
  }

  private feeds(state: TrainingState, chunk: Chunk<Name>, piece: Piece): Feeds {
    const { noise, scalars } = this.program;
    const { steps } = chunk;
    const feeds: Record<string, Tensor> = {
      steps: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(steps)) },
      scalars: {
        dtype: 'float32',
        shape: [steps, scalars.length],
        data: this.scalarsOf(state.step, chunk),
      },
      ...this.inputTensors(chunk),
      ...this.compiled.tables.feeds(state.tables, piece, steps),
    };
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
        step: firstStep + index + 1,
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

  private inputTensors({ steps, inputs }: Chunk<Name>): Record<string, Tensor> {
    return Object.fromEntries(
      Object.entries<StepInput>(this.recipe.inputs).map(([name, { dtype, shape }]) => {
        const data = inputs[name as Name].subarray(0, steps * sizeOf(shape));
        return [name, { dtype, shape: [steps, ...shape], data } as Tensor];
      }),
    );
  }

  /** Some steps of a chunk, as a chunk. */
  private partOf(chunk: Chunk<Name>, from: number, steps: number): Chunk<Name> {
    const inputs = Object.entries<StepInput>(this.recipe.inputs).map(([name, { shape }]) => {
      const size = sizeOf(shape);
      return [name, chunk.inputs[name as Name].subarray(from * size, (from + steps) * size)] as const;
    });
    return {
      steps,
      inputs: Object.fromEntries(inputs) as Chunk<Name>['inputs'],
      learningRates: Array.from({ length: steps }, (_, step) => chunk.learningRates[from + step] ?? 0),
    };
  }
}
