import { AppError } from '../../errors';
import { type DType, type Graph, liveNodes, product, type Value } from '../onnx';
import { buildTrainingGraph, type TrainingGraph, type TrainingRecipe } from './training-graph';

/** What a run needs beside the runtime itself, in bytes. An estimate from the graph: nothing is run. */
export interface MemoryEstimate {
  /** Parameters, optimizer moments, averages and buffers, as the loop finds them and as it leaves them. */
  readonly stateBytes: number;
  /** Most bytes of intermediate results alive at once within a step. */
  readonly activationBytes: number;
  /** What each step of a chunk adds: its batch, noise and scalars. */
  readonly bytesPerStep: number;
}

const BYTES: Record<DType, number> = { float32: 4, float64: 8, int32: 4, int64: 8, bool: 1, string: 32 };

/** Ops whose result is their input seen in another shape: no bytes of their own. */
const VIEWS: ReadonlySet<string> = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Identity']);

export function estimateMemory<Name extends string>(recipe: TrainingRecipe<Name>): MemoryEstimate {
  const program = buildTrainingGraph(recipe);
  const body = bodyOf(program);
  return {
    stateBytes: 2 * stateBytes(program),
    activationBytes: peakBytes(body),
    bytesPerStep: program.graph.inputs
      .filter((input) => input.shape[0] === 'steps')
      .reduce((total, input) => total + bytesOf({ dtype: input.dtype, shape: input.shape.slice(1) }), 0),
  };
}

function stateBytes({ graph, state }: TrainingGraph): number {
  const names = new Set(state);
  return graph.inputs
    .filter((input) => names.has(input.name))
    .reduce((total, input) => total + bytesOf(input.type), 0);
}

/** Total for chunks of so many steps. */
export function totalBytes(estimate: MemoryEstimate, steps: number): number {
  return estimate.stateBytes + estimate.activationBytes + steps * estimate.bytesPerStep;
}

/**
 * Refuses a run that cannot fit, before anything is allocated.
 *
 * @param recipeFor the recipe at a batch size.
 * @throws AppError INVALID_CONFIGURATION naming the largest power-of-two batch size that would fit, if any.
 */
export function requireMemory<Name extends string>(
  recipeFor: (batch: number) => TrainingRecipe<Name>,
  run: { batch: number; steps: number; limitBytes: number },
): void {
  const { batch, steps, limitBytes } = run;
  const needed = totalBytes(estimateMemory(recipeFor(batch)), steps);
  if (needed <= limitBytes) return;
  const megabytes = (count: number): string => `${Math.ceil(count / 2 ** 20)} MB`;
  let smaller = 2 ** Math.floor(Math.log2(Math.max(batch - 1, 1)));
  while (smaller >= 1 && totalBytes(estimateMemory(recipeFor(smaller)), steps) > limitBytes) smaller /= 2;
  throw new AppError(
    'INVALID_CONFIGURATION',
    `training with batches of ${batch} needs ${megabytes(needed)}, and there are ${megabytes(limitBytes)}: ` +
      (smaller >= 1 ? `a batch size of ${smaller} fits` : 'no batch size fits, the model is too large'),
  );
}

function bodyOf(program: TrainingGraph): Graph {
  for (const node of program.graph.nodes) {
    const body = node.attributes['body'];
    if (body && 'graph' in body) return body.graph;
  }
  throw new RangeError('a training graph holds a loop');
}

/** Bytes alive at once when nodes run in order and a result is freed after its last use. */
function peakBytes(graph: Graph): number {
  const live = liveNodes(graph);
  const nodes = graph.nodes.filter((node) => live.has(node));
  const owner = (value: Value): Value => {
    const { producer } = value;
    const source = producer && VIEWS.has(producer.op.opType) ? producer.inputs[0] : null;
    return source ? owner(source) : value;
  };
  const lastUse = new Map<Value, number>();
  nodes.forEach((node, at) => {
    for (const input of node.inputs) if (input) lastUse.set(owner(input), at);
  });
  for (const output of graph.outputs) lastUse.set(owner(output), nodes.length);
  const freedAt = new Map<number, number>();
  let [alive, peak] = [0, 0];
  nodes.forEach((node, at) => {
    for (const output of node.outputs) {
      if (owner(output) !== output) continue;
      alive += bytesOf(output.type);
      const last = lastUse.get(output) ?? at;
      freedAt.set(last, (freedAt.get(last) ?? 0) + bytesOf(output.type));
    }
    peak = Math.max(peak, alive);
    alive -= freedAt.get(at) ?? 0;
  });
  return peak;
}

function bytesOf(type: Value['type']): number {
  const count = product(type.shape);
  if (typeof count !== 'number') throw new RangeError(`a training step has static shapes, not ${count}`);
  return count * BYTES[type.dtype];
}
