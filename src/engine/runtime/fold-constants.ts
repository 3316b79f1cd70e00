import { apply, Graph, liveNodes, type Node, type Value, writeModel } from '../onnx';
import { Session } from './session';

/**
 * Computes what depends on constants alone, and puts the results in its place: a graph that is written afterwards
 * holds them as constants, and neither the ops nor what only they needed. ONNX Runtime computes them, by the kernels
 * that would have when the graph is run: the answers stay the same to the bit.
 */
export async function foldConstants(graph: Graph): Promise<void> {
  const live = liveNodes(graph);
  const known = knownNodes(graph, live);
  const needed = new Set<Value>();
  for (const node of live)
    if (!known.has(node))
      for (const input of node.inputs) if (input?.producer && known.has(input.producer)) needed.add(input);
  if (needed.size === 0) return;

  const { graph: alone, twins } = copyOf(known);
  const values = [...needed];
  values.forEach((value, index) => {
    alone.output(`known${index}`, twins(value));
  });
  const session = await Session.create(writeModel(alone), { asWritten: true });
  const results = await session.run({});
  await session.close();
  values.forEach((value, index) => {
    const tensor = results[`known${index}`];
    if (!tensor) throw new RangeError(`${value.describe()} was not computed`);
    graph.settle(value, tensor);
  });
}

/** The live nodes whose inputs are all constants or come from such nodes; an output of the graph stays a node's. */
function knownNodes(graph: Graph, live: ReadonlySet<Node>): Set<Node> {
  const known = new Set<Node>();
  const isKnown = (value: Value | null): boolean =>
    !value || value.constant !== null || (value.producer !== null && known.has(value.producer));
  for (const node of graph.nodes) {
    const hasSubgraph = Object.values(node.attributes).some((attribute) => 'graph' in attribute);
    const isOutput = node.outputs.some((output) => graph.outputs.includes(output));
    if (live.has(node) && !hasSubgraph && !isOutput && node.inputs.every(isKnown)) known.add(node);
  }
  return known;
}

/** The nodes in a graph of their own, and where each of their values is there. */
function copyOf(nodes: ReadonlySet<Node>): { graph: Graph; twins: (value: Value) => Value } {
  const graph = new Graph();
  const copies = new Map<Value, Value>();
  const twins = (value: Value): Value => {
    const copy = copies.get(value) ?? (value.constant ? graph.constant(value.constant) : null);
    if (!copy) throw new RangeError(`${value.describe()} is not constant`);
    return copy;
  };
  for (const node of nodes) {
    const { outputs } = apply(
      node.op,
      node.inputs.map((input) => input && twins(input)),
      node.attributes,
    );
    node.outputs.forEach((output, index) => {
      const copy = outputs[index];
      if (copy) copies.set(output, copy);
    });
  }
  return { graph, twins };
}
