import { AppError } from '../../errors';
import { type DType, type Graph, liveNodes, type Node, product, type Value } from '../onnx';
import { buildForwardGraph, type ForwardRecipe } from './forward-program';
import { buildTrainingGraph, type TrainingRecipe } from './training-graph';
import { loopOf } from './training-loop';

/** What a program's graph says about the memory that it needs, in bytes. Nothing is run. */
export interface MemoryEstimate {
  /** Parameters, optimizer moments, averages and buffers, once. */
  readonly stateBytes: number;
  /** Numbers that are part of the graph, once. */
  readonly constantBytes: number;
  /** Most bytes of intermediate results alive at once. */
  readonly activationBytes: number;
  /** What each step of a chunk adds: its batch, noise and scalars. */
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
  const { graph } = program;
  const { body, state } = loopOf(program);
  return {
    stateBytes: bytesOf([...state.keys()]),
    constantBytes: bytesOf([...graph.initializers, ...body.initializers]),
    activationBytes: peakBytes(body),
    bytesPerStep: graph.inputs
      .filter((input) => input.shape[0] === 'steps')
      .reduce((total, { dtype, shape }) => total + bytesOfType({ dtype, shape: shape.slice(1) }), 0),
    ops: liveNodes(graph).size,
  };
}

/** Of a forward program that answers so many rows at once, as one step. */
export function estimateForward<Name extends string>(
  recipe: ForwardRecipe<Name>,
  rows: number,
): MemoryEstimate {
  const { graph, layouts } = buildForwardGraph(recipe, rows);
  const weights = Object.values(layouts).reduce((total, { size }) => total + 4 * size, 0);
  return {
    stateBytes: weights,
    constantBytes: bytesOf(graph.initializers),
    activationBytes: peakBytes(graph),
    bytesPerStep: bytesOf(graph.inputs) - weights,
    ops: liveNodes(graph).size,
  };
}

/** What a process grows by, at most, that compiles the program and runs it in chunks of so many steps. */
export function totalBytes(estimate: MemoryEstimate, steps: number): number {
  return (
    COPIES.state * estimate.stateBytes +
    COPIES.constants * estimate.constantBytes +
    COPIES.activations * estimate.activationBytes +
    COPIES.chunk * steps * estimate.bytesPerStep +
    BYTES_PER_OP * estimate.ops +
    BYTES_PER_PROGRAM
  );
}

/**
 * Refuses a run that cannot fit, before anything is allocated.
 *
 * @param bytesAt what a run with so many examples per batch needs.
 * @throws AppError INVALID_CONFIGURATION naming the largest power-of-two batch size that would fit, if any.
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
  throw new AppError(
    'INVALID_CONFIGURATION',
    `training with batches of ${batch} needs up to ${megabytes(needed)}, and there are ${megabytes(limitBytes)}: ` +
      (smaller >= 1 ? `a batch size of ${smaller} fits` : 'no batch size fits, the model is too large'),
  );
}

/** Bytes alive at once: in the order in which the graph was built or in that of ONNX Runtime, whichever is more. */
function peakBytes(graph: Graph): number {
  const live = liveNodes(graph);
  const nodes = graph.nodes.filter((node) => live.has(node));
  return Math.max(...[nodes, depthFirst(nodes)].map((order) => peakOf(order, graph.outputs)));
}

/** Bytes alive at once when a result is freed after its last use. */
function peakOf(nodes: readonly Node[], outputs: readonly Value[]): number {
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
      alive += bytesOfType(output.type);
      const last = lastUse.get(output) ?? at;
      freedAt.set(last, (freedAt.get(last) ?? 0) + bytesOfType(output.type));
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

function bytesOf(values: readonly Value[]): number {
  return values.reduce((total, { type }) => total + bytesOfType(type), 0);
}

function bytesOfType(type: Value['type']): number {
  const count = product(type.shape);
  if (typeof count !== 'number') throw new RangeError(`memory is known for static shapes, not ${count}`);
  return count * BYTES[type.dtype];
}
