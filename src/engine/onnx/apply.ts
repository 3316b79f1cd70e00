import { Graph } from './graph';
import { GraphError } from './graph-error';
import { type Attributes, type Node, OpCall, type OpDefinition } from './op';
import { type Value } from './value';

/**
 * Applies an op in the innermost graph that its inputs live in. What a loop's body computes from outer values
 * alone therefore lands outside the loop: it is invariant, and runs once.
 *
 * @throws GraphError naming the op, its inputs and their shapes.
 */
export function apply(
  op: OpDefinition,
  inputs: readonly (Value | null)[],
  attributes: Attributes = {},
): Node {
  const graph = Graph.innermost(inputs);
  if (!graph) throw new GraphError(`${op.opType} needs an input that says which graph it belongs to`);
  // A copy: what the caller does to its list afterwards must not change the graph.
  return graph.add(new OpCall(op, [...inputs], attributes));
}

/** Applies an op that has one output. */
export function applyOne(
  op: OpDefinition,
  inputs: readonly (Value | null)[],
  attributes: Attributes = {},
): Value {
  return apply(op, inputs, attributes).output(0);
}
