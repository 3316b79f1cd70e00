import { type Graph } from './graph';
import { type Attribute, type Node } from './op';
import { type Tensor } from './tensor';
import { type Value } from './value';

const subgraphsOf = (node: Node): Graph[] =>
  Object.values(node.attributes).flatMap((attribute: Attribute) =>
    'graph' in attribute ? [attribute.graph] : [],
  );

/** The nodes that a graph's outputs depend on, those of subgraphs included. */
export function liveNodes(graph: Graph): Set<Node> {
  const live = new Set<Node>();
  const pending = [...graph.outputs];
  for (let value = pending.pop(); value; value = pending.pop()) {
    const node = value.producer;
    if (!node || live.has(node)) continue;
    live.add(node);
    for (const input of node.inputs) if (input) pending.push(input);
    for (const inner of subgraphsOf(node)) pending.push(...inner.outputs);
  }
  return live;
}

/** The constants of one graph that live nodes, or its outputs, refer to. */
export function usedInitializers(
  graph: Graph,
  live: ReadonlySet<Node>,
): (Value & { readonly constant: Tensor })[] {
  const used = new Set<Value>(graph.outputs);
  for (const node of live) for (const input of node.inputs) if (input) used.add(input);
  return graph.initializers.filter((value): value is Value & { constant: Tensor } => {
    return value.constant !== null && used.has(value);
  });
}
