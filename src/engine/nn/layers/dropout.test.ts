import { Graph, writeModel } from '../../onnx';
import { Session } from '../../runtime';
import { Random } from '../random';
import { takeCensus, valueScope } from '../supplies';
import { dropout } from './dropout';

const [ROWS, COLUMNS] = [64, 96];

/** Masks of many steps, as rows of zeros and ones. */
async function masks(rate: number, steps: number): Promise<Uint8Array[]> {
  const { noise } = takeCensus(true, (scope, graph) =>
    dropout(scope, graph.input('x', 'float32', [ROWS, COLUMNS]), rate),
  );
  const graph = new Graph();
  const x = graph.input('x', 'float32', [ROWS, COLUMNS]);
  const values = new Map(noise.map(({ name, shape }) => [name, graph.input(name, 'float32', shape)]));
  graph.output('y', dropout(valueScope(true, { parameters: new Map(), noise: values }), x, rate));
  const session = await Session.create(writeModel(graph));
  const result: Uint8Array[] = [];
  for (let step = 0; step < steps; step += 1) {
    const random = new Random(9, step);
    const feeds = Object.fromEntries(
      noise.map(({ name, shape }) => {
        const data = Float32Array.from({ length: shape[0]! }, () => random.uniform());
        return [name, { dtype: 'float32' as const, shape, data }];
      }),
    );
    const ones = new Float32Array(ROWS * COLUMNS).fill(1);
    const { y } = await session.run({
      x: { dtype: 'float32', shape: [ROWS, COLUMNS], data: ones },
      ...feeds,
    });
    const kept = y!.data as Float32Array;
    expect(new Set(kept)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
    result.push(Uint8Array.from(kept, (value) => Number(value > 0)));
  }
  return result;
}

test.each([0.1, 0.5, 0.9])('keeps as many as the rate %f says', async (rate) => {
  const all = await masks(rate, 40);
  const n = all.length * ROWS * COLUMNS;
  const kept = all.reduce((sum, mask) => sum + mask.reduce((a, b) => a + b, 0), 0) / n;
  expect(Math.abs(kept - (1 - rate))).toBeLessThan(3e-4 + 5 * Math.sqrt((rate * (1 - rate)) / n));
});

test('elements are kept or dropped independently of their neighbours', async () => {
  const all = await masks(0.5, 30);
  const agreement = (other: (row: number, column: number) => number, last: [number, number]): number => {
    let [agree, count] = [0, 0];
    for (const mask of all)
      for (let row = 0; row < last[0]; row += 1)
        for (let column = 0; column < last[1]; column += 1) {
          agree += Number(mask[row * COLUMNS + column] === mask[other(row, column)]);
          count += 1;
        }
    return agree / count;
  };
  const sameRow = agreement((row, column) => row * COLUMNS + column + 1, [ROWS, COLUMNS - 1]);
  const sameColumn = agreement((row, column) => (row + 1) * COLUMNS + column, [ROWS - 1, COLUMNS]);
  const diagonal = agreement((row, column) => (row + 1) * COLUMNS + column + 1, [ROWS - 1, COLUMNS - 1]);
  for (const share of [sameRow, sameColumn, diagonal]) expect(Math.abs(share - 0.5)).toBeLessThan(0.012);
});
