import { type Graph, type Node, OpCall, type Value } from '../onnx';
import { type Device } from './devices';

/**
 * WebGPU promises a shader eight storage buffers (`maxStorageBuffersPerShaderStage`); a driver may give more, and ONNX
 * Runtime's kernel fails where it needs more than there are. One is the whole tensor, so seven are its parts.
 */
export const MOST_PARTS = 7;

/** Changes a graph, in place, so that a device can run it: see `limitParts`. */
export function fitToDevice(graph: Graph, device: Device | undefined): void {
  if (device === 'webgpu') limitParts(graph);
}

/**
 * Cuts every `Split` into more than seven parts, in subgraphs too, into a tree of smaller ones. In place; what the graph
 * computes, and what its values are called, stays the same. (`Concat` needs no help: its kernel takes as many inputs at a
 * time as fit.)
 *
 * A pass over the finished graph and not the op's builder, because only who writes the graph knows the device: on the
 * others a tree only costs, since it moves every byte once a level.
 */
export function limitParts(graph: Graph): void {
  for (const node of graph.nodes.splice(0)) {
    for (const attribute of Object.values(node.attributes))
      if ('graph' in attribute) limitParts(attribute.graph);
    if (node.op.opType === 'Split' && node.outputs.length > MOST_PARTS)
      cut(graph, node, { whole: node.input(0), parts: node.outputs, sizes: node.constantInts(1) });
    else graph.nodes.push(node);
  }
}

/** Cuts the whole into at most seven pieces, each of which holds as many parts as the next, and then those. */
function cut(
  graph: Graph,
  { op, attributes }: Node,
  tensor: { whole: Value; parts: readonly Value[]; sizes: readonly number[] },
): void {
  const perPiece = Math.ceil(tensor.parts.length / MOST_PARTS);
  const sizes = groupsOf(perPiece, tensor.sizes);
  const pieces = groupsOf(perPiece, tensor.parts);
  const lengths = sizes.map((group) => group.reduce((total, size) => total + size, 0));
  const node = graph.add(
    new OpCall(op, [tensor.whole, graph.ints(lengths)], attributes),
    pieces.map(([first = null, ...others]) => (others.length > 0 ? null : first)),
  );
  pieces.forEach((parts, index) => {
    const inner = { whole: node.output(index), parts, sizes: sizes[index] ?? [] };
    if (parts.length > 1) cut(graph, node, inner);
  });
}

function groupsOf<T>(size: number, items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
