import { gradientError } from '../../../../test/support/central-differences';
import { batchNormCases } from '../../../../test/support/layer-cases';
import { differentiable } from '../../../../test/support/layers';
import { Graph, GraphError, type Tensor, tensorOf, toNumbers, type Value, writeModel } from '../../onnx';
import { Session } from '../../runtime';
import { zeros } from '../initializers';
import { type Scope } from '../scope';
import { constantScope, valueScope } from '../supplies';
import { batchNorm, sequenceBatchNorm } from './batch-norm';

const E = 2;
const start = {
  scale: [2, 0.5],
  bias: [1, -1],
  mean: [0.5, -0.5],
  variance: [4, 0.25],
};

test.each(Object.entries(batchNormCases))(
  'the gradients of %s are those of central differences',
  async (_name, layer) => {
    expect(await gradientError(differentiable(layer))).toBeLessThan(3e-3);
  },
);

/** Runs the layer from `start` and returns its output and what it leaves in its buffers. */
async function run(
  x: Tensor,
  build: (scope: Scope, x: Value) => Value,
): Promise<{ y: number[]; mean: number[]; variance: number[] }> {
  const graph = new Graph();
  const values = new Map(
    Object.entries(start).map(([name]) => [name, graph.input(name, 'float32', [E])] as const),
  );
  const updates = new Map<string, Value>();
  const port = graph.input('x', 'float32', x.shape);
  graph.output('y', build(valueScope(true, { parameters: values, buffers: values, updates }), port));
  expect([...updates.keys()].sort()).toEqual(['mean', 'variance']);
  for (const [name, value] of updates) graph.output(`next.${name}`, value);
  const session = await Session.create(writeModel(graph));
  const feeds = Object.fromEntries(
    Object.entries(start).map(([name, data]) => [name, tensorOf('float32', [E], data)]),
  );
  const results = await session.run({ x, ...feeds });
  await session.close();
  const numbers = (name: string): number[] => toNumbers(results[name]!);
  return { y: numbers('y'), mean: numbers('next.mean'), variance: numbers('next.variance') };
}

const close = (actual: number[], expected: number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index]!, 5);
  });
};

test('the running variance takes the unbiased one, the batch the biased', async () => {
  const x = tensorOf('float32', [3, E], [1, 0, 2, 0, 3, 6]);
  const { y, mean, variance } = await run(x, (scope, v) => batchNorm(scope, v, { epsilon: 0 }));
  const third = Math.sqrt(1.5);
  close(y, [
    1 - 2 * third,
    -1 - 0.5 * Math.SQRT1_2,
    1,
    -1 - 0.5 * Math.SQRT1_2,
    1 + 2 * third,
    -1 + 0.5 * Math.SQRT2,
  ]);
  close(mean, [0.9 * 0.5 + 0.1 * 2, -0.9 * 0.5 + 0.1 * 2]);
  close(variance, [0.9 * 4 + 0.1 * 1, 0.9 * 0.25 + 0.1 * 12]);
});

test('one example is its own mean, and has no variance to learn from', async () => {
  const { y, mean, variance } = await run(tensorOf('float32', [1, E], [7, -3]), (scope, x) =>
    batchNorm(scope, x, { momentum: 0.5 }),
  );
  close(y, start.bias);
  close(mean, [3.75, -1.75]);
  close(variance, start.variance);
});

describe('over sequences', () => {
  const over =
    (valid: number[]) =>
    (scope: Scope, x: Value): Value =>
      sequenceBatchNorm(scope, x, x.graph.constant(tensorOf('int32', [valid.length], valid)));

  test('padding does not count, whatever it holds, and is 0 afterwards', async () => {
    const noise = 1e3;
    // [T,B,E]: sequence 0 has one step, sequence 1 none, sequence 2 two.
    const x = [1, 0, noise, noise, 2, 0, noise, noise, noise, noise, 3, 6];
    const padded = await run(tensorOf('float32', [2, 3, E], x), over([1, 0, 2]));
    const dense = await run(tensorOf('float32', [3, E], [1, 0, 2, 0, 3, 6]), (scope, v) =>
      batchNorm(scope, v),
    );
    close(padded.mean, dense.mean);
    close(padded.variance, dense.variance);
    const [first, second, third] = [0, 2, 4].map((at) => dense.y.slice(at, at + 2));
    close(padded.y, [...first!, 0, 0, ...second!, 0, 0, 0, 0, ...third!]);
  });

  test('nothing but padding changes nothing', async () => {
    const { y, mean, variance } = await run(
      tensorOf('float32', [2, 2, E], [1, 2, 3, 4, 5, 6, 7, 8]),
      over([0, 0]),
    );
    expect(y.map(Math.abs)).toEqual(Array<number>(8).fill(0));
    expect([mean, variance]).toEqual([start.mean, start.variance]);
  });
});

describe('in inference', () => {
  const weights = new Map(
    Object.entries(start).flatMap(([name, numbers]) => {
      const weight = { dtype: 'float32' as const, shape: [E], data: Float32Array.from(numbers) };
      return [`rows.${name}`, `steps.${name}`].map((full) => [full, weight] as const);
    }),
  );

  test('the fused op uses the running statistics, for any batch size', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', ['N', E]);
    const events = graph.input('events', 'float32', [2, 'N', E]);
    const n = graph.input('n', 'int32', ['N']);
    const scope = constantScope(graph, weights);
    graph.output('y', batchNorm(scope.in('rows'), x, { epsilon: 0 }));
    graph.output('z', sequenceBatchNorm(scope.in('steps'), events, n, { epsilon: 0 }));
    expect(graph.nodes.map(({ op }) => op.opType)).toContain('BatchNormalization');
    const session = await Session.create(writeModel(graph));
    const { y, z } = await session.run({
      x: tensorOf('float32', [1, E], [4.5, 0]),
      events: tensorOf('float32', [2, 1, E], [4.5, 0, 9, 9]),
      n: tensorOf('int32', [1], [1]),
    });
    await session.close();
    close(toNumbers(y!), [1 + (2 * 4) / 2, -1 + (0.5 * 0.5) / 0.5]);
    close(toNumbers(z!), [1 + (2 * 4) / 2, -1 + (0.5 * 0.5) / 0.5, 0, 0]);
  });

  test('needs its statistics, and cannot change them', () => {
    const graph = new Graph();
    const partial = new Map([...weights].filter(([name]) => name !== 'rows.mean'));
    const x = graph.input('x', 'float32', [3, E]);
    expect(() => batchNorm(constantScope(graph, partial).in('rows'), x)).toThrow(
      new GraphError('there is no weight rows.mean'),
    );
    const buffer = constantScope(graph, weights).buffer('rows.mean', [E], zeros);
    expect(() => {
      buffer.update(buffer.value);
    }).toThrow('the buffer rows.mean is constant in inference');
  });
});

test('other ranks are refused by name and shape', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [3, 4, 2]);
  const scope = (): Scope => constantScope(graph, new Map());
  expect(() => batchNorm(scope(), x)).toThrow('batchNorm: x must be [B,E], not x float32[3,4,2]');
  const rows = graph.input('rows', 'float32', [3, 4]);
  expect(() => sequenceBatchNorm(scope(), rows, graph.input('n', 'int32', [4]))).toThrow(
    'sequenceBatchNorm(rows float32[3,4], n int32[4]): x must be [T,B,E] and the lengths int32 [B]',
  );
});
