import { Graph, printGraph, tensorOf, type Value, writeModel } from '../onnx';
import { concat, loop, mul, split } from '../ops';
import { limitParts, MOST_PARTS } from './limit-parts';
import { Session } from './session';

/** In a loop's body: cuts a vector into pieces of one or two, scales each by its place, and joins them in reverse. */
function shuffling(parts: number): Graph {
  const sizes = Array.from({ length: parts }, (_, part) => 1 + (part % 2));
  const graph = new Graph();
  const x = graph.input('x', 'float32', [sizes.reduce((total, size) => total + size)]);
  const { state } = loop(graph.input('times', 'int64', []), [x], ({ state: [value] }) => {
    const pieces = split(value as Value, { axis: 0, sizes });
    return { state: [concat(pieces.map((piece, place) => mul(piece, place + 1)).reverse(), 0)], reports: [] };
  });
  graph.output('y', state[0] as Value);
  return graph;
}

async function run(graph: Graph): Promise<unknown> {
  const [x] = graph.inputs;
  const size = x!.size(0);
  const session = await Session.create(writeModel(graph));
  const { y } = await session.run({
    x: tensorOf(
      'float32',
      [size],
      Array.from({ length: size }, (_, index) => index - 3),
    ),
    times: tensorOf('int64', [], [2]),
  });
  await session.close();
  return y;
}

/** Of any `Split`, bodies included. */
function mostParts(graph: Graph): number {
  const counts = graph.nodes.flatMap(({ op, outputs, attributes }) => [
    op.opType === 'Split' ? outputs.length : 0,
    ...Object.values(attributes).map((attribute) => ('graph' in attribute ? mostParts(attribute.graph) : 0)),
  ]);
  return Math.max(0, ...counts);
}

test.each([8, 14, 15, 49, 50, 120])('%i parts are cut in a tree, with the same result', async (parts) => {
  const graph = shuffling(parts);
  const expected = await run(graph);
  expect(mostParts(graph)).toBe(parts);
  limitParts(graph);
  expect(mostParts(graph)).toBeLessThanOrEqual(MOST_PARTS);
  expect(await run(graph)).toEqual(expected);
});

test('what is small enough stays as it is', () => {
  const graph = shuffling(MOST_PARTS);
  const before = printGraph(graph);
  limitParts(graph);
  expect(printGraph(graph)).toBe(before);
});
