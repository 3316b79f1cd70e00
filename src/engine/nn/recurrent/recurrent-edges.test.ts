import { drawInputs, gradientError } from '../../../../test/support/central-differences';
import { differentiable, distance, type LayerCase, runLayer } from '../../../../test/support/layers';
import { type Tensor, tensorOf, toNumbers } from '../../onnx';
import { type CellKind, recurrent } from './recurrent';

interface Batch {
  readonly name: string;
  readonly steps: number;
  readonly lengths: readonly number[];
  /** 2 unless given. */
  readonly features?: number;
  readonly units?: number;
}

const batches: Batch[] = [
  { name: 'one step of one sequence', steps: 1, lengths: [1] },
  { name: 'one step of an empty sequence', steps: 1, lengths: [0] },
  { name: 'one step each, or none', steps: 1, lengths: [1, 0, 1] },
  { name: 'one sequence', steps: 4, lengths: [4] },
  { name: 'one short sequence', steps: 4, lengths: [1] },
  { name: 'all padding', steps: 3, lengths: [0, 0] },
  { name: 'full sequences', steps: 3, lengths: [3, 3] },
  { name: 'the longest shorter than the batch', steps: 4, lengths: [2, 0, 1] },
  { name: 'one feature, one unit', steps: 3, lengths: [3, 1], features: 1, units: 1 },
  { name: 'more units than features', steps: 2, lengths: [1, 2], features: 1, units: 3 },
  { name: 'more features than units', steps: 2, lengths: [2, 1], features: 4, units: 1 },
];

const cases = batches.flatMap((batch) =>
  (['rnn', 'gru', 'lstm'] as const).flatMap((cell) =>
    [false, true].map((bidirectional) => ({ ...batch, cell, bidirectional })),
  ),
);

type Case = (typeof cases)[number];

function layerOf({ steps, lengths, features = 2, units = 2, cell, bidirectional }: Case): LayerCase {
  return {
    inputs: [
      { shape: [steps, lengths.length, features] },
      { shape: [lengths.length], dtype: 'int32', values: lengths },
    ],
    build: (scope, x, n) => {
      const { all, last } = recurrent(scope, x, n, { cell, units, bidirectional });
      return [all, last];
    },
  };
}

const inputsOf = (layer: LayerCase): Tensor[] => drawInputs({ float32: true, ...layer, build: () => [] });

describe.each(cases)('$cell, bidirectional: $bidirectional, $name', (one) => {
  const layer = layerOf(one);

  test('the gradients are those of central differences', async () => {
    expect(await gradientError(differentiable(layer))).toBeLessThan(3e-3);
  });

  test('the fused operator computes the same, zeros where there is nothing', async () => {
    const inputs = inputsOf(layer);
    const trained = await runLayer(layer, true, inputs);
    const fused = await runLayer(layer, false, inputs);
    trained.forEach((output, index) => {
      expect(distance(output, fused[index]!)).toBeLessThan(1e-6);
    });
    const { steps, lengths } = one;
    const [all, last] = trained.map(toNumbers) as [number[], number[]];
    const width = last.length / lengths.length;
    lengths.forEach((length, b) => {
      for (let t = length; t < steps; t += 1) {
        const at = (t * lengths.length + b) * width;
        expect(all.slice(at, at + width).map(Math.abs)).toEqual(Array<number>(width).fill(0));
      }
      const ofLast = last.slice(b * width, (b + 1) * width);
      if (length === 0) expect(ofLast.map(Math.abs)).toEqual(Array<number>(width).fill(0));
    });
  });
});

const fullCases = (['rnn', 'gru', 'lstm'] as const).flatMap((cell) =>
  [1, 3].flatMap((steps) =>
    (['all', 'last', 'both'] as const).flatMap((wanted) =>
      [false, true].map((bidirectional) => ({ cell, steps, wanted, bidirectional })),
    ),
  ),
);

describe.each(fullCases)(
  '$cell, bidirectional: $bidirectional, $steps steps known to be full, wanted: $wanted',
  ({ cell, steps, wanted, bidirectional }) => {
    const options = { cell, units: 2, bidirectional };
    const layer: LayerCase = {
      inputs: [{ shape: [steps, 2, 2] }],
      build: (scope, x) => {
        const lengths = x.graph.constant(tensorOf('int32', [2], [steps, steps]));
        const { all, last } = recurrent(scope, x, lengths, options);
        return { all: [all], last: [last], both: [all, last] }[wanted];
      },
    };

    test('the gradients are those of central differences', async () => {
      expect(await gradientError(differentiable(layer))).toBeLessThan(3e-3);
    });

    test('the results are those of lengths that are given when the graph runs', async () => {
      const whole = layerOf({ ...options, name: '', steps, lengths: [steps, steps] });
      const [x] = inputsOf(layer) as [Tensor];
      const n = tensorOf('int32', [2], [steps, steps]);
      const [all, last] = (await runLayer(whole, true, [x, n])) as [Tensor, Tensor];
      const results = await runLayer(layer, true, [x]);
      expect(results).toEqual({ all: [all], last: [last], both: [all, last] }[wanted]);
    });
  },
);

test.each<CellKind>(['rnn', 'gru', 'lstm'])(
  'a %s read backwards is one that reads the reversed sequence',
  async (cell) => {
    const steps = 3;
    const both: LayerCase = {
      inputs: [{ shape: [steps, 1, 2] }, { shape: [1], dtype: 'int32', values: [steps] }],
      build: (scope, x, n) => recurrent(scope, x, n, { cell, units: 2, bidirectional: true }).all,
    };
    const oneWay: LayerCase = {
      ...both,
      // The scope, and with it the drawn parameters, of the backward half.
      build: (scope, x, n) => {
        recurrent(scope.in('forward'), x, n, { cell, units: 2 });
        return recurrent(scope.in('backward'), x, n, { cell, units: 2 }).all;
      },
    };
    const [x, n] = inputsOf(both) as [Tensor, Tensor];
    const rows = toNumbers(x);
    const reversed = Float32Array.from([...rows.slice(4), ...rows.slice(2, 4), ...rows.slice(0, 2)]);
    const [whole] = await runLayer(both, true, [x, n]);
    const [alone] = await runLayer(oneWay, true, [{ dtype: 'float32', shape: x.shape, data: reversed }, n]);
    const backward = [0, 1, 2].map((t) => toNumbers(whole!).slice(4 * t + 2, 4 * t + 4));
    const expected = toNumbers(alone!);
    backward
      .reverse()
      .flat()
      .forEach((value, at) => {
        expect(value).toBeCloseTo(expected[at]!, 6);
      });
  },
);
