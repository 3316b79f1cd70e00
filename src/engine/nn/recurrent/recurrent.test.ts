import { gradientError, drawInputs } from '../../../../test/support/central-differences';
import { recurrentCase as layer } from '../../../../test/support/layer-cases';
import { differentiable, distance, runLayer } from '../../../../test/support/layers';

const T = 4;

const cases = (['rnn', 'gru', 'lstm'] as const).flatMap((cell) => [
  { cell, bidirectional: false },
  { cell, bidirectional: true },
]);

describe.each(cases)('$cell, bidirectional: $bidirectional', ({ cell, bidirectional }) => {
  test('the gradients are those of central differences', async () => {
    expect(await gradientError(differentiable(layer(cell, bidirectional)))).toBeLessThan(3e-3);
  });

  test('the fused operator computes the same', async () => {
    const inputs = drawInputs({ float32: true, ...layer(cell, bidirectional), build: () => [] });
    const trained = await runLayer(layer(cell, bidirectional), true, inputs);
    const fused = await runLayer(layer(cell, bidirectional), false, inputs);
    trained.forEach((output, index) => {
      expect(distance(output, fused[index]!)).toBeLessThan(1e-6);
    });
  });

  test('padding changes nothing, and an empty sequence ends in zeros', async () => {
    const inputs = drawInputs({ float32: true, ...layer(cell, bidirectional), build: () => [] });
    const [, before] = await runLayer(layer(cell, bidirectional), true, inputs);
    const steps = (inputs[0]!.data as Float32Array).slice();
    // Sequence 1 has one valid step: everything after it is noise.
    for (let t = 1; t < T; t += 1) steps.fill(9, (t * (T + 1) + 1) * 3, (t * (T + 1) + 2) * 3);
    const noisy = { ...inputs[0]!, data: steps } as (typeof inputs)[0];
    const [, after] = await runLayer(layer(cell, bidirectional), true, [noisy, inputs[1]!]);
    expect(distance(before!, after!)).toBe(0);
    const units = before!.shape[1]!;
    expect(Array.from(before!.data.slice(0, units) as Float32Array).map(Math.abs)).toEqual(
      Array<number>(units).fill(0),
    );
  });
});
