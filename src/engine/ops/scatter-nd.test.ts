import { Graph, writeModel } from '../onnx';
import { Session } from '../runtime';
import { scatterNdAdd } from './scatter-nd';

test('a large scatter into few rows loses no update, whatever the threads', async () => {
  const [updates, rows, width] = [32_768, 5, 16];
  const graph = new Graph();
  const indices = graph.input('indices', 'int64', [updates, 1]);
  const values = graph.input('values', 'float32', [updates, width]);
  graph.output('sums', scatterNdAdd(graph.zeros('float32', [rows, width]), indices, values));
  const session = await Session.create(writeModel(graph), { threads: 4 });
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const { sums } = await session.run({
      indices: {
        dtype: 'int64',
        shape: [updates, 1],
        data: BigInt64Array.from({ length: updates }, (_, index) => BigInt(index % rows)),
      },
      values: { dtype: 'float32', shape: [updates, width], data: new Float32Array(updates * width).fill(1) },
    });
    const total = (sums!.data as Float32Array).reduce((a, b) => a + b, 0);
    expect(total).toBe(updates * width);
  }
  await session.close();
});
