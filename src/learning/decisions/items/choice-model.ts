import { atOnce, type Steps } from './in-turns';

/** One occasion on which one of several alternatives was chosen. */
export interface Choice {
  /** Of each alternative: features_AF. */
  readonly features: readonly (readonly number[])[];
  /** Which one was chosen. */
  readonly chosen: number;
}

const MAX_STEPS = 30;

/**
 * Weights of a conditional logit model: P(a) = exp(w·x_a) / Σ exp(w·x_b) (McFadden 1974), the ones of largest
 * likelihood under a normal prior around `prior`. The problem is concave; Newton's method with halved steps.
 *
 * @param strength of the prior: what so many occasions weigh
 */
export function fitChoiceModel(
  choices: readonly Choice[],
  prior: readonly number[],
  strength: number,
): number[] {
  return atOnce(choiceModelSteps(choices, prior, strength));
}

/** As {@link fitChoiceModel}. */
export function* choiceModelSteps(
  choices: readonly Choice[],
  prior: readonly number[],
  strength: number,
): Steps<number[]> {
  let weights = [...prior];
  let value = yield* objective(choices, weights, prior, strength);
  for (let step = 0; step < MAX_STEPS; step++) {
    const { gradient, hessian } = yield* derivatives(choices, weights, prior, strength);
    const direction = solve(hessian, gradient);
    let rate = 1;
    let next = weights;
    let nextValue = value;
    do {
      next = weights.map((weight, k) => weight + rate * (direction[k] ?? 0));
      nextValue = yield* objective(choices, next, prior, strength);
      rate /= 2;
    } while (!(nextValue >= value) && rate > 1e-4);
    if (!(nextValue > value)) return weights;
    const gained = nextValue - value;
    weights = next;
    value = nextValue;
    if (gained < 1e-9 * (1 + Math.abs(value))) return weights;
  }
  return weights;
}

/** w·x of an alternative. */
export function utility(weights: readonly number[], features: readonly number[]): number {
  return weights.reduce((sum, weight, k) => sum + weight * (features[k] ?? 0), 0);
}

/** P(a) of alternatives with these utilities; they sum to one. */
export function shares(utilities: readonly number[]): number[] {
  const largest = Math.max(...utilities);
  const powers = utilities.map((each) => Math.exp(each - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function* objective(
  choices: readonly Choice[],
  weights: readonly number[],
  prior: readonly number[],
  strength: number,
): Steps<number> {
  let total = 0;
  for (const { features, chosen } of choices) {
    yield;
    const utilities = features.map((each) => utility(weights, each));
    const largest = Math.max(...utilities);
    const sum = utilities.reduce((total, each) => total + Math.exp(each - largest), 0);
    total += (utilities[chosen] ?? 0) - largest - Math.log(sum);
  }
  const away = weights.reduce((sum, weight, k) => sum + (weight - (prior[k] ?? 0)) ** 2, 0);
  return total - (strength * away) / 2;
}

/** Of the objective: gradient g, and the negative Hessian, which is positive definite. */
function* derivatives(
  choices: readonly Choice[],
  weights: readonly number[],
  prior: readonly number[],
  strength: number,
): Steps<{ gradient: number[]; hessian: number[][] }> {
  const gradient = weights.map((weight, k) => -strength * (weight - (prior[k] ?? 0)));
  const hessian = weights.map((_, k) => weights.map((_, l) => (k === l ? strength : 0)));
  const mean = new Array<number>(weights.length);
  for (const { features, chosen } of choices) {
    yield;
    const probabilities = shares(features.map((each) => utility(weights, each)));
    mean.fill(0);
    features.forEach((x, a) => {
      const p = probabilities[a] ?? 0;
      for (let k = 0; k < mean.length; k++) mean[k] = (mean[k] ?? 0) + p * (x[k] ?? 0);
    });
    const taken = features[chosen] ?? [];
    for (let k = 0; k < mean.length; k++) gradient[k] = (gradient[k] ?? 0) + (taken[k] ?? 0) - (mean[k] ?? 0);
    features.forEach((x, a) => {
      const p = probabilities[a] ?? 0;
      for (let k = 0; k < mean.length; k++) {
        const row = hessian[k] ?? [];
        const distance = p * ((x[k] ?? 0) - (mean[k] ?? 0));
        if (distance === 0) continue;
        for (let l = 0; l < mean.length; l++)
          row[l] = (row[l] ?? 0) + distance * ((x[l] ?? 0) - (mean[l] ?? 0));
      }
    });
  }
  return { gradient, hessian };
}

/** Gaussian elimination with pivoting; the matrix is positive definite. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  const size = rows.length;
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 0; i < size; i++) {
    let pivot = i;
    for (let j = i + 1; j < size; j++) if (Math.abs(at(j, i)) > Math.abs(at(pivot, i))) pivot = j;
    [rows[i], rows[pivot]] = [rows[pivot] ?? [], rows[i] ?? []];
    for (let j = 0; j < size; j++) {
      if (j === i || at(j, i) === 0) continue;
      const factor = at(j, i) / at(i, i);
      rows[j] = (rows[j] ?? []).map((value, k) => value - factor * at(i, k));
    }
  }
  return rows.map((row, i) => (row[size] ?? 0) / at(i, i));
}
