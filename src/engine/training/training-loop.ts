import { type Graph, type Node, type Value } from '../onnx';
import { type TrainingGraph } from './training-graph';

/** The loop of a training graph, seen from inside: one step. */
export interface TrainingLoop {
  readonly node: Node;
  readonly body: Graph;
  /** The state as a step finds it, with the name of each tensor. */
  readonly state: ReadonlyMap<Value, string>;
  /** What a step leaves: the state, then what it reports. */
  readonly results: readonly Value[];
  readonly loss: Value;
}

export function loopOf({ graph }: TrainingGraph): TrainingLoop {
  for (const node of graph.nodes) {
    const { body } = node.attributes;
    if (!body || !('graph' in body)) continue;
    // ONNX's Loop: iteration, condition and state go in, condition, state and reports come out.
    const state = body.graph.inputs.slice(2);
    const results = body.graph.outputs.slice(1);
    const losses = node.outputs.findIndex(({ name }) => name === 'losses');
    const loss = results[losses];
    if (!loss) break;
    const names = new Map(state.map((value, index) => [value, node.inputs[2 + index]?.name ?? value.name]));
    return { node, body: body.graph, state: names, results, loss };
  }
  throw new RangeError('a training graph holds a loop that reports losses');
}
