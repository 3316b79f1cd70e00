import { evaluate, gradientError } from '../../../test/support/central-differences';
import { opFiles, opSamples as samples } from '../../../test/support/op-definitions';
import { toNumbers } from '../onnx';

/** Control flow and look-ups are proven where they are used. */
const PROVEN_ELSEWHERE = new Set(['Loop', 'LabelEncoder']);

test.each(opFiles)('$file defines one op, with samples', ({ exported }) => {
  expect(exported).toHaveLength(1);
  for (const op of exported)
    expect(op.samples.length + Number(PROVEN_ELSEWHERE.has(op.opType))).toBeGreaterThan(0);
});

test.each(samples)('$opType, $name: the types promised are the types computed', async ({ sample }) => {
  const { promised, outputs } = await evaluate(sample);
  expect(outputs.map((output) => `${output.dtype}[${output.shape.join()}]`)).toEqual(promised);
  for (const [index, expected] of (sample.expected ?? []).entries())
    expect(toNumbers(outputs[index]!)).toEqual(expected);
});

test.each(samples.filter(({ op, sample }) => op.gradient && !sample.expected))(
  '$opType, $name: the gradient is that of central differences',
  async ({ sample }) => {
    expect(await gradientError(sample)).toBeLessThan(sample.float32 ? 3e-3 : 1e-7);
  },
);
