import { type Weights } from '../nn';

/** Says which step stopped being a number, and where it began. */
export function explainFailure(found: {
  /** Steps done before the bad one. */
  step: number;
  /** Index of the bad step within its chunk. */
  bad: number;
  result: { losses: Float32Array; gradientNorms: Float32Array };
  /** Parameters and buffers after the bad step. */
  weights: Weights;
  /** What the bad step was given. */
  inputs: ReadonlyMap<string, readonly number[]>;
}): string {
  const { step, bad, result, weights, inputs } = found;
  const isBad = (numbers: Iterable<number>): boolean => {
    for (const number of numbers) if (!Number.isFinite(number)) return true;
    return false;
  };
  const loss = result.losses[bad];
  const norm = result.gradientNorms[bad];
  const ofGradient = Number.isFinite(norm)
    ? 'a running statistic overflowed'
    : `the gradient's norm is ${String(norm)}`;
  const what = Number.isFinite(loss) ? ofGradient : `the loss is ${String(loss)}`;
  const badInputs = [...inputs].filter(([, numbers]) => isBad(numbers)).map(([name]) => name);
  if (badInputs.length > 0)
    return `step ${step + 1}: ${what}, because the input ${badInputs.join(', ')} holds NaN or infinity`;
  const badWeights = [...weights].filter(([, { data }]) => isBad(data)).map(([name]) => name);
  const where = badWeights.length > 0 ? `; not finite after it: ${badWeights.join(', ')}` : '';
  return `step ${step + 1}: ${what}${where}. A lower learning rate or gradient clipping helps`;
}
