import { type Steps } from '../decisions/items/in-turns';
import { lnGamma } from '../decisions/ln-gamma';

/** Of ln κ: where no example says anything, a model's answer weighs 100, give or take a factor of ten. */
const PRIOR = { mean: Math.log(100), deviation: Math.log(10) };
/** Of the prior, on either side: strengths from 0.1 to 100,000. */
const DEVIATIONS = 3;
/** On a side of the prior's mean, of the grid over ln κ. */
const STEPS = 50;

/** Held-out examples that share a rate's error, such as those of an ad. */
export interface RateCell {
  readonly positives: number;
  /** The sum of the probabilities; and of their squares. */
  readonly predicted: number;
  readonly squared: number;
}

/** What a model's answer weighs as the prior of a rate, in examples: κ of Beta(κp, κ(1 − p)). */
export interface PriorStrength {
  /** The posterior's mean of ln κ, as κ: the more true rates scatter around the answers, the smaller. */
  readonly strength: number;
  /** 95 %, of the posterior. */
  readonly low: number;
  readonly high: number;
  /** Cells that it is of. */
  readonly cells: number;
}

/**
 * How strongly a model can be believed about the rate of one cell, told by how much more the positives of cells differ
 * from what was predicted than chance explains: beta-binomial overdispersion, with a log-normal prior on κ that is so
 * wide that few cells outweigh it. Without cells, it is the prior's.
 *
 * The answers within a cell differ, so that chance is Σp(1 − p), not that of as many equal ones. A cell therefore counts
 * as the equal examples that have the same mean and variance: (Σp)² / Σp² of them at Σp² / Σp.
 *
 * Source of the likelihood: Skellam 1948, "A probability distribution derived from the binomial distribution".
 */
export function* priorStrengthSteps(cells: readonly RateCell[]): Steps<PriorStrength> {
  const equal = cells.filter(({ predicted }) => predicted > 0).map(equalExamples);
  const grid: { readonly logKappa: number; readonly logPosterior: number }[] = [];
  for (let step = -STEPS; step <= STEPS; step++) {
    const deviations = (step / STEPS) * DEVIATIONS;
    const logKappa = PRIOR.mean + deviations * PRIOR.deviation;
    const kappa = Math.exp(logKappa);
    let logPosterior = -0.5 * deviations * deviations;
    for (const cell of equal) logPosterior += logLikelihood(cell, kappa);
    grid.push({ logKappa, logPosterior });
    yield;
  }
  const most = Math.max(...grid.map(({ logPosterior }) => logPosterior));
  const weights = grid.map(({ logPosterior }) => Math.exp(logPosterior - most));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = grid.reduce((sum, { logKappa }, index) => sum + (logKappa * (weights[index] ?? 0)) / total, 0);
  const quantile = (share: number) => {
    let below = 0;
    const index = weights.findIndex((weight) => (below += weight / total) >= share);
    return Math.exp(grid.at(index)?.logKappa ?? NaN);
  };
  return {
    strength: Math.exp(mean),
    low: quantile(0.025),
    high: quantile(0.975),
    cells: equal.length,
  };
}

interface EqualExamples {
  readonly p: number;
  readonly positives: number;
  readonly negatives: number;
}

function equalExamples({ positives, predicted, squared }: RateCell): EqualExamples {
  const p = Math.min(1 - 1e-6, Math.max(1e-6, squared / predicted));
  return { p, positives, negatives: Math.max(0, predicted / p - positives) };
}

/** But for what does not depend on κ. */
function logLikelihood({ p, positives, negatives }: EqualExamples, kappa: number): number {
  const [alpha, beta] = [kappa * p, kappa * (1 - p)];
  return (
    lnGamma(alpha + positives) -
    lnGamma(alpha) +
    lnGamma(beta + negatives) -
    lnGamma(beta) +
    lnGamma(kappa) -
    lnGamma(kappa + positives + negatives)
  );
}
