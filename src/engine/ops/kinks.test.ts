import { gradients } from '../autodiff';
import { Graph, tensorOf, toNumbers, type Value, writeModel } from '../onnx';
import { Session } from '../runtime';
import { abs } from './abs';
import { clip } from './clip';
import { max } from './max';
import { min } from './min';
import { mul } from './mul';
import { pow } from './pow';
import { reduceMax } from './reduce-max';
import { reduceSum } from './reduce-sum';
import { relu } from './relu';

/** Where central differences cannot say: the gradient that each op's file documents. */
test.each<[string, number[], (x: Value) => Value, number[]]>([
  ['relu at 0 stops', [-1, 0, 2], relu, [0, 0, 1]],
  ['abs at 0 is flat', [-1, 0, 2], abs, [-1, 0, 1]],
  ['clip stops at its bounds', [-1, 0, 1], (x) => clip(x, -1, 1), [0, 1, 0]],
  ['max of equals goes to the second', [3, 3], (x) => max(x, mul(x, 2)), [2, 2]],
  ['max of x and itself counts once', [3, -3], (x) => max(x, x), [1, 1]],
  ['min of x and itself counts once', [3, -3], (x) => min(x, x), [1, 1]],
  ['the largest of three, two of them tied', [1, 4, 4], (x) => reduceMax(x, [0]), [0, 0.5, 0.5]],
  ['the largest of equals', [2, 2, 2, 2], (x) => reduceMax(x, [0]), [0.25, 0.25, 0.25, 0.25]],
  ['a square at 0', [0], (x) => pow(x, 2), [0]],
  ['the first power at 0', [0], (x) => pow(x, 1), [1]],
])('%s', async (_name, at, build, expected) => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [at.length]);
  const [gradient] = gradients(reduceSum(build(x)), [x]);
  graph.output('dx', mul(gradient!, 1));
  const session = await Session.create(writeModel(graph));
  const { dx } = await session.run({ x: tensorOf('float32', [at.length], at) });
  await session.close();
  expect(toNumbers(dx!)).toEqual(expected);
});
