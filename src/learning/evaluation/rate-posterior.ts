import { type BetaPosterior } from '../decisions/thompson';
import { numberUnits } from './resampling';
import { type ScoredExamples } from './scored-examples';

/**
 * The posterior of a segment's rate, from its held-out examples and, as the prior, what the model says of them: the
 * fewer there are, the more the model counts.
 *
 * The examples of a subject are alike, so that they count as fewer: n · p(1 − p) / the variance that the subjects show.
 *
 * @param strength what the model's answer weighs, in examples
 */
export function ratePosterior(
  { labels_N, probabilities_N, subjects_N }: ScoredExamples,
  strength: number,
): BetaPosterior {
  const count = labels_N.length;
  const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);
  const [rate, prior] = [sum(labels_N) / count, sum(probabilities_N) / count];
  const { of_N, total } = numberUnits(count, subjects_N);
  const residuals_U = new Float64Array(total);
  labels_N.forEach((label, n) => {
    const unit = of_N[n] ?? 0;
    residuals_U[unit] = (residuals_U[unit] ?? 0) + label - rate;
  });
  const squares = residuals_U.reduce((squared, residual) => squared + residual * residual, 0);
  const plain = count * rate * (1 - rate);
  const effective = squares === 0 ? total : Math.min(count, (count * plain) / squares);
  const p = Math.min(1 - 1e-6, Math.max(1e-6, prior));
  return { alpha: strength * p + effective * rate, beta: strength * (1 - p) + effective * (1 - rate) };
}
