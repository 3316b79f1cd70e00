import { Graph, readModel, type Tensor, tensorOf, writeModel } from '../onnx';
import { add, concat, identity, loop, mul, relu, sigmoid, softmax, transpose } from '../ops';
import { foldConstants } from './fold-constants';
import { Session } from './session';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(7 * i + 1));

function example(): Graph {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2, 3]);
  const kernel = graph.initializer('kernel', tensorOf('float32', [2, 3], numbers(6)));
  const scale = graph.initializer('scale', tensorOf('float32', [2, 3], numbers(6).reverse()));
  // Two results of constants alone, of which one leads to the other; `scale` is used by both sides.
  const both = softmax(mul(kernel, scale), 1);
  const cut = transpose(concat([both, sigmoid(both)], 0), [1, 0]);
  graph.output('y', relu(add(x, cut.graph.scalar('float32', 1))));
  graph.output('cut', identity(cut));
  graph.output('rows', add(add(x, both), scale));
  return graph;
}

async function run(graph: Graph, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await Session.create(writeModel(graph));
  const results = await session.run(feeds);
  await session.close();
  return results;
}

describe('constants that are folded', () => {
  const x = tensorOf('float32', [2, 3], numbers(6));

  test('give the same bits, and leave behind neither ops nor what only they needed', async () => {
    const graph = example();
    const before = await run(example(), { x });
    await foldConstants(graph);
    expect(await run(graph, { x })).toEqual(before);
    const { nodes, initializers } = readModel(writeModel(graph)).graph;
    expect(nodes.map(({ opType }) => opType)).toEqual(['Add', 'Relu', 'Identity', 'Add', 'Add']);
    expect(initializers.map(({ shape }) => shape)).toEqual(
      expect.arrayContaining([[], [2, 3], [3, 4], [2, 3]]),
    );
    expect(initializers).toHaveLength(4);
    expect(initializers.map(({ name }) => name)).not.toContain('kernel');
  });

  test('are found where only a loop uses them', async () => {
    const build = (): Graph => {
      const graph = new Graph();
      const start = graph.input('x', 'float32', [2]);
      const rate = sigmoid(graph.initializer('rate', tensorOf('float32', [2], [0.3, -0.2])));
      const { state } = loop(graph.input('times', 'int64', []), [start], ({ state: [y] }) => ({
        state: [mul(y!, rate)],
        reports: [],
      }));
      graph.output('y', state[0]!);
      return graph;
    };
    const feeds = { x: tensorOf('float32', [2], [1, 2]), times: tensorOf('int64', [], [3]) };
    const graph = build();
    await foldConstants(graph);
    expect(readModel(writeModel(graph)).graph.nodes.map(({ opType }) => opType)).toEqual(['Loop']);
    expect(await run(graph, feeds)).toEqual(await run(build(), feeds));
  });

  test('may be none, and an output of the graph stays the result of a node', async () => {
    const graph = new Graph();
    const weight = graph.initializer('weight', tensorOf('float32', [2], [1, -1]));
    graph.output('y', relu(weight));
    await foldConstants(graph);
    expect(await run(graph, {})).toEqual({ y: tensorOf('float32', [2], [1, 0]) });
  });
});
