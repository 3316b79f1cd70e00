import { Graph, GraphError, tensorOf, type Value, writeModel } from '../onnx';
import { add, cast, loop, mul, reduceSum, sign, sub } from '../ops';
import { Session } from '../runtime';
import { withGradient } from './composite';
import { gradients, requireGradients } from './gradients';

async function numbers(graph: Graph, outputs: readonly Value[]): Promise<number[][]> {
  outputs.forEach((value, index) => {
    graph.output(`y${index}`, mul(value, 1));
  });
  const session = await Session.create(writeModel(graph));
  const feeds = Object.fromEntries(
    graph.inputs.map((input) => [
      input.name,
      tensorOf('float32', input.staticShape(), [1, 2, 3].slice(0, input.size(0))),
    ]),
  );
  const results = await session.run(feeds);
  return outputs.map((_, index) => Array.from(results[`y${index}`]!.data as Float32Array));
}

describe('gradients', () => {
  test('add up where a value is used more than once', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [3]);
    const loss = reduceSum(add(mul(x, x), mul(x, 3)));
    expect(await numbers(graph, gradients(loss, [x]))).toEqual([[5, 7, 9]]);
  });

  test('are zero for what the loss does not depend on', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [3]);
    const other = graph.input('other', 'float32', [2]);
    expect(await numbers(graph, gradients(reduceSum(x), [other, x]))).toEqual([
      [0, 0],
      [1, 1, 1],
    ]);
  });

  test('stop at integers', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [3]);
    const loss = reduceSum(mul(x, cast(cast(x, 'int64'), 'float32')));
    expect(await numbers(graph, gradients(loss, [x]))).toEqual([[1, 2, 3]]);
  });

  test('of a composite are its own', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [3]);
    const [clamped] = withGradient('straight-through', {
      inputs: [x],
      outputs: [cast(cast(x, 'int64'), 'float32')],
      pullback: (dOutputs) => dOutputs,
    });
    expect(await numbers(graph, gradients(reduceSum(mul(clamped, 2)), [x]))).toEqual([[2, 2, 2]]);
  });

  test('of a composite are told which outputs the loss does not depend on', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [3]);
    const seen: boolean[] = [];
    const [, doubled] = withGradient('two', {
      inputs: [x],
      outputs: [mul(x, 3), mul(x, 2)],
      pullback: (dOutputs) => {
        seen.push(...dOutputs.map((dOutput) => dOutput !== null));
        return [mul(dOutputs[1] as Value, 2)];
      },
    });
    expect(await numbers(graph, gradients(reduceSum(doubled), [x]))).toEqual([[2, 2, 2]]);
    expect(seen).toEqual([false, true]);
  });

  test('refuse what has none, by name', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [3]);
    const { state } = loop(graph.input('times', 'int64', []), [x], ({ state: [y] }) => ({
      state: [sub(y!, 1)],
      reports: [],
    }));
    expect(() => gradients(reduceSum(state[0]!), [x])).toThrow(
      /^Loop\(times int64\[\], \w+ bool\[\], x float32\[3\]\) has no gradient, and the loss depends on x float32\[3\] through it$/,
    );
    expect(() => gradients(x, [x])).toThrow('a loss is a scalar, not x float32[3]');
  });
});

describe('a value that gradients must reach', () => {
  test('may be behind a step function, but not behind nothing else', () => {
    const graph = new Graph();
    const [x, y, unused] = ['x', 'y', 'unused'].map((name) => graph.input(name, 'float32', [3]));
    const stepped = sign(mul(y!, 2));
    expect(() => {
      requireGradients(reduceSum(add(add(x!, sign(x!)), stepped)), [x!, unused!]);
    }).not.toThrow();
    expect(() => {
      requireGradients(reduceSum(add(x!, stepped)), [x!, y!]);
    }).toThrow(
      new GraphError(
        `Sign(${stepped.producer!.input(0).describe()}) passes no gradient on, ` +
          'and the loss depends on y float32[3] through nothing else',
      ),
    );
  });
});
