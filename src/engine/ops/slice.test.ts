import { gradients } from '../autodiff';
import { Graph, GraphError, tensorOf, toNumbers, writeModel } from '../onnx';
import { Session } from '../runtime';
import { gather } from './gather';
import { mul } from './mul';
import { reduceSum } from './reduce-sum';
import { sliceRows } from './slice';

test('rows between bounds that only the run knows, picked from, have gradients of their number', async () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [5, 2]);
  const start = graph.input('start', 'int32', [1]);
  const end = graph.input('end', 'int32', [1]);
  const rows = sliceRows(mul(x, 1), { start, end });
  expect(rows.shape).toEqual(['start:end', 2]);
  const picked = gather(rows, graph.ints([0, 1, 0]));
  const [gradient] = gradients(reduceSum(mul(picked, picked)), [rows]);
  const [unused] = gradients(reduceSum(x), [rows]);
  graph.output('gradient', gradient!);
  graph.output('unused', unused!);
  const session = await Session.create(writeModel(graph));
  for (const [from, to] of [
    [1, 3],
    [2, 5],
  ] as const) {
    const outputs = await session.run({
      x: tensorOf('float32', [5, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
      start: tensorOf('int32', [1], [from]),
      end: tensorOf('int32', [1], [to]),
    });
    const first = [8 * from, 8 * from + 4, 4 * from + 4, 4 * from + 6];
    expect(toNumbers(outputs['gradient']!)).toEqual([...first, ...(to - from === 3 ? [0, 0] : [])]);
    expect(toNumbers(outputs['unused']!)).toEqual(Array<number>(2 * (to - from)).fill(0));
  }
  await session.close();
});

test('such bounds are one number each, along the first axis', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [5, 2]);
  const both = graph.input('both', 'int32', [2]);
  expect(() => sliceRows(x, { start: both, end: both })).toThrow(GraphError);
});
