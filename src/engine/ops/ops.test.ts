import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type OpDefinition, toNumbers } from '../onnx';
import { evaluate, gradientError } from '../../../test/support/central-differences';

/** Control flow and look-ups are proven where they are used. */
const PROVEN_ELSEWHERE = new Set(['Loop', 'LabelEncoder']);

function isDefinition(value: unknown): value is OpDefinition {
  return typeof value === 'object' && value !== null && 'opType' in value && 'inferTypes' in value;
}

const definitions = readdirSync(__dirname)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'index.ts')
  .map((file) => {
    const exported = Object.values(
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- the folder is the list of ops
      require(join(__dirname, file)) as Record<string, unknown>,
    ).filter(isDefinition);
    return { file, exported };
  });

test.each(definitions)('$file defines one op, with samples', ({ exported }) => {
  expect(exported).toHaveLength(1);
  for (const op of exported)
    expect(op.samples.length + Number(PROVEN_ELSEWHERE.has(op.opType))).toBeGreaterThan(0);
});

const samples = definitions
  .flatMap(({ exported }) => exported)
  .flatMap((op) => op.samples.map((sample) => ({ op, opType: op.opType, sample, name: sample.name })));

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
