import { AppError } from '../../errors';
import { type DType, evaluate, type Graph, liveNodes, type Node, product, sizeOf, type Value } from '../onnx';
import { buildForwardGraph, type ForwardRecipe } from './forward-program';
import { type TableLayout } from './table-layout';
import { buildTrainingGraph, type TrainingRecipe } from './training-graph';
import { loopOf } from './training-loop';

/** What a program's graph says about the memory that it needs, in bytes. Nothing is run. */
export interface MemoryEstimate {
  /** Parameters, optimizer moments, averages, buffers, and the rows of tables that one call carries, once. */
  readonly stateBytes: number;
  /** Of the tables that are trained row by row: rows with what is kept beside them, their weights, and marks, once. */
  readonly tables: { readonly rowBytes: number; readonly weightBytes: number; readonly markBytes: number };
  /** Numbers that are part of the graph, once. */
  readonly constantBytes: number;
  /** Most bytes of intermediate results alive at once. */
  readonly activationBytes: number;
  /** What each step of a chunk adds: its batch, noise, scalars, and what the rows that it touches held before. */
  readonly bytesPerStep: number;
  readonly ops: number;
}

/**
 * How often what the graph knows of once is there at the worst moment: measured with ONNX Runtime 1.30 in processes of
 * their own.
 */
const COPIES = {
  /** The caller's, the loop's before and after a step, its result, and the result as the caller is given it. */
  state: 5,
  /** The program's, and a checkpoint's as it is and in its file. */
  rows: 3,
  /** Those of the last epoch and those of the best. */
  weights: 2,
  /** The graph's and the session's. */
  constants: 2,
  /**
   * A session takes its memory piece by piece in its first step, then as one block laid out by what it saw, beside
   * the pieces; both from regions that double in size. Between 1.9 and 3.1 times were seen.
   */
  activations: 3.5,
  /** The chunk that runs, and the one before until its memory is reclaimed. */
  chunk: 2,
};
/** An op of the graph and its kernel in the session. */
const BYTES_PER_OP = 16 * 1024;
/** A session's own, and what building and writing its graph leaves to be reclaimed. */
const BYTES_PER_PROGRAM = 48 * 2 ** 20;

const BYTES: Record<DType, number> = { float32: 4, float64: 8, int32: 4, int64: 8, bool: 1, string: 32 };

/** Ops whose result is their input seen in another shape: no bytes of their own. */
const VIEWS: ReadonlySet<string> = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Identity']);

/** Ops that work on the products of all steps with all inputs, T·B·G·H numbers, beside what they give. */
const FUSED_RECURRENT: ReadonlySet<string> = new Set(['LSTM', 'GRU', 'RNN']);

export function estimateTraining<Name extends string>(recipe: TrainingRecipe<Name>): MemoryEstimate {
  const program = buildTrainingGraph(recipe);
  const { graph, tables } = program;
  const { body, state } = loopOf(program);
  const bytes = new Bytes(program.sizes);
  const ofSteps = graph.inputs.filter(({ shape }) => shape[0] === 'steps');
  return {
    stateBytes: bytes.of([...state.keys()]),
    tables: {
      rowBytes: sum(tables.map(({ count, width }) => 4 * count * width)),
      weightBytes: sum(tables.map(({ count, ownWidth }) => 4 * count * ownWidth)),
      markBytes: sum(tables.map(({ count }) => 2 * 4 * count)),
    },
    constantBytes: bytes.of([...graph.initializers, ...body.initializers]),
    activationBytes: peakBytes(body, bytes),
    bytesPerStep:
      sum(ofSteps.map(({ dtype, shape }) => bytes.ofType({ dtype, shape: shape.slice(1) }))) +
      sum(tables.map(bytesOfRows)),
    ops: liveNodes(graph).size,
  };
}

/** For a step: the places of its rows, and what they held before, until the chunk has proved sound. */
function bytesOfRows({ idsPerStep, width }: TableLayout): number {
  return 4 * idsPerStep * (1 + width);
}

/** Of a forward program that answers so many rows at once, as one step. */
export function estimateForward<Name extends string>(
  recipe: ForwardRecipe<Name>,
  rows: number,
): MemoryEstimate {
  const { graph, layouts, tables } = buildForwardGraph(recipe, rows);
  const bytes = new Bytes();
  const weights = sum(Object.values(layouts).map(({ size }) => 4 * size));
  const ofTables = sum(tables.map(({ shape }) => 4 * sizeOf(shape)));
  return {
    stateBytes: weights,
    // Not copied: counted where they are handed out.
    tables: { rowBytes: 0, weightBytes: 0, markBytes: 0 },
    constantBytes: bytes.of(graph.initializers),
    activationBytes: peakBytes(graph, bytes),
    bytesPerStep: bytes.of(graph.inputs) - weights - ofTables,
    ops: liveNodes(graph).size,
  };
}

/** Of a program that trains tables which are counted with another one already. */
export function withSharedTables(estimate: MemoryEstimate): MemoryEstimate {
  return { ...estimate, tables: { ...estimate.tables, rowBytes: 0, weightBytes: 0 } };
}

/** What a process grows by, at most, that compiles the program and runs it in chunks of so many steps. */
export function totalBytes(estimate: MemoryEstimate, steps: number): number {
  return (
    COPIES.state * estimate.stateBytes +
    COPIES.rows * estimate.tables.rowBytes +
    COPIES.weights * estimate.tables.weightBytes +
    estimate.tables.markBytes +
    COPIES.constants * estimate.constantBytes +
    COPIES.activations * estimate.activationBytes +
    COPIES.chunk * steps * estimate.bytesPerStep +
    BYTES_PER_OP * estimate.ops +
    BYTES_PER_PROGRAM
  );
}

/** A run does not fit into the memory of its device; `neededBytes` is what it is estimated to take. */
export class InsufficientMemory extends AppError {
  constructor(
    message: string,
    readonly neededBytes: number,
  ) {
    super('INSUFFICIENT_MEMORY', message);
  }
}

/**
 * Refuses a run that cannot fit, before anything is allocated.
 *
 * @param bytesAt what a run with so many examples per batch needs.
 * @throws InsufficientMemory naming the largest power-of-two batch size that would fit, if any.
 */
export function requireMemory(
  bytesAt: (batch: number) => number,
  run: { batch: number; limitBytes: number },
): void {
  const { batch, limitBytes } = run;
  const needed = bytesAt(batch);
  if (needed <= limitBytes) return;
  const megabytes = (count: number): string => `${Math.ceil(count / 2 ** 20)} MB`;
  let smaller = 2 ** Math.floor(Math.log2(Math.max(batch - 1, 1)));
  while (smaller >= 1 && bytesAt(smaller) > limitBytes) smaller /= 2;
  throw new InsufficientMemory(
    `training with batches of ${batch} needs up to ${megabytes(needed)}, and there are ${megabytes(limitBytes)}: ` +
      (smaller >= 1
        ? `a batch size of ${smaller} fits`
        : 'no batch size fits, the model is too large: choose a smaller preset'),
    needed,
  );
}

/** Bytes alive at once: in the order in which the graph was built or in that of ONNX Runtime, whichever is more. */
function peakBytes(graph: Graph, bytes: Bytes): number {
  const live = liveNodes(graph);
  const nodes = graph.nodes.filter((node) => live.has(node));
  return Math.max(...[nodes, depthFirst(nodes)].map((order) => peakOf(order, graph.outputs, bytes)));
}

/** Bytes alive at once when a result is freed after its last use. */
function peakOf(nodes: readonly Node[], outputs: readonly Value[], bytes: Bytes): number {
  const owner = (value: Value): Value => {
    const { producer } = value;
    const source = producer && VIEWS.has(producer.op.opType) ? producer.inputs[0] : null;
    return source ? owner(source) : value;
  };
  const lastUse = new Map<Value, number>();
  nodes.forEach((node, at) => {
    for (const input of node.inputs) if (input) lastUse.set(owner(input), at);
  });
  for (const output of outputs) lastUse.set(owner(output), nodes.length);
  const freedAt = new Map<number, number>();
  let [alive, peak] = [0, 0];
  nodes.forEach((node, at) => {
    for (const output of node.outputs) {
      if (owner(output) !== output) continue;
      alive += bytes.ofType(output.type);
      const last = lastUse.get(output) ?? at;
      freedAt.set(last, (freedAt.get(last) ?? 0) + bytes.ofType(output.type));
    }
    peak = Math.max(peak, alive + scratchBytes(node));
    alive -= freedAt.get(at) ?? 0;
  });
  return peak;
}

/**
 * Nodes as ONNX Runtime orders them, but for what it has fused by then: depth first from those that nothing else uses,
 * later ones first. Some results live much longer so.
 */
function depthFirst(nodes: readonly Node[]): Node[] {
  const position = new Map(nodes.map((node, at) => [node, at]));
  const before = (node: Node): Node[] =>
    node.inputs.flatMap((input) => (input?.producer && position.has(input.producer) ? input.producer : []));
  const used = new Set(nodes.flatMap(before));
  const order: Node[] = [];
  const seen = new Set<Node>();
  const pending = nodes.filter((node) => !used.has(node)).map((node) => ({ node, isReady: false }));
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, isReady } = next;
    if (isReady) order.push(node);
    if (seen.has(node)) continue;
    seen.add(node);
    pending.push({ node, isReady: true });
    const inputs = before(node).sort((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0));
    pending.push(...inputs.map((input) => ({ node: input, isReady: false })));
  }
  return order;
}

function scratchBytes(node: Node): number {
  if (!FUSED_RECURRENT.has(node.op.opType)) return 0;
  const [x_TBI, kernel_1WI] = [node.input(0), node.input(1)];
  return 4 * x_TBI.size(0) * x_TBI.size(1) * kernel_1WI.size(1);
}

/** Sizes in bytes. */
class Bytes {
  /** @param sizes of dimensions that only a run knows, at most. */
  constructor(private readonly sizes: ReadonlyMap<string, number> = new Map()) {}

  of(values: readonly Value[]): number {
    return sum(values.map(({ type }) => this.ofType(type)));
  }

  ofType({ dtype, shape }: Value['type']): number {
    const count = evaluate(product(shape), this.sizes);
    if (count === null) throw new RangeError(`memory is known for known sizes, not [${shape.join()}]`);
    return count * BYTES[dtype];
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
