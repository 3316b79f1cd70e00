/** Calibrated probability = sigmoid(scale · logit + shift); scale > 0, so the ranking stays. */
export interface Calibration {
  readonly scale: number;
  readonly shift: number;
}

export const IDENTITY_CALIBRATION: Calibration = { scale: 1, shift: 0 };

const MAX_ITERATIONS = 100;
const CONVERGED = 1e-10;

/**
 * Fits Platt scaling by damped Newton steps on the mean log loss, which is convex in (scale, shift).
 *
 * Targets are Platt's: (n₊+1)/(n₊+2) and 1/(n₋+2) and not 1 and 0, so that separable logits have a finite
 * optimum and small validation parts do not overfit (Platt 1999; Lin, Lin & Weng 2007).
 *
 * @returns the identity when a class is absent, or when the fit would flip the ranking or raise the log loss
 *   on these examples.
 */
export function fitPlattScaling(labels_N: Float32Array, logits_N: Float32Array): Calibration {
  const positives = labels_N.reduce((sum, label) => sum + label, 0);
  const negatives = labels_N.length - positives;
  if (positives === 0 || negatives === 0) return IDENTITY_CALIBRATION;
  const problem: Problem = {
    labels_N,
    logits_N,
    positiveTarget: (positives + 1) / (positives + 2),
    negativeTarget: 1 / (negatives + 2),
  };
  let current: Calibration = { scale: 1, shift: 0 };
  let loss = objective(problem, current);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const next = newtonStep(problem, current, loss);
    if (!next) break;
    const gained = loss - next.loss;
    ({ calibration: current, loss } = next);
    if (gained < CONVERGED) break;
  }
  const hard: Problem = { ...problem, positiveTarget: 1, negativeTarget: 0 };
  const helps = objective(hard, current) <= objective(hard, IDENTITY_CALIBRATION);
  return current.scale > 0 && helps ? current : IDENTITY_CALIBRATION;
}

/** sigmoid(scale · logit + shift) of each, as float32. */
export function calibrate(logits_N: Float32Array, { scale, shift }: Calibration): Float32Array {
  return logits_N.map((logit) => sigmoid(scale * logit + shift));
}

interface Problem {
  readonly labels_N: Float32Array;
  readonly logits_N: Float32Array;
  readonly positiveTarget: number;
  readonly negativeTarget: number;
}

/** Mean of softplus(z) − t·z with z = scale · logit + shift. */
function objective(problem: Problem, { scale, shift }: Calibration): number {
  let sum = 0;
  for (let i = 0; i < problem.labels_N.length; i++) {
    const z = scale * (problem.logits_N[i] ?? 0) + shift;
    sum += softplus(z) - target(problem, i) * z;
  }
  return sum / problem.labels_N.length;
}

/** One Newton step, halved until it lowers the loss; null at the optimum. */
function newtonStep(problem: Problem, { scale, shift }: Calibration, loss: number) {
  // A little curvature of our own keeps the 2 × 2 system solvable when all logits are equal.
  const hessian = { aa: 1e-9, ab: 0, bb: 1e-9 };
  const gradient = { a: 0, b: 0 };
  const count = problem.labels_N.length;
  for (let i = 0; i < count; i++) {
    const logit = problem.logits_N[i] ?? 0;
    const p = sigmoid(scale * logit + shift);
    const slope = (p - target(problem, i)) / count;
    const curve = (p * (1 - p)) / count;
    gradient.a += slope * logit;
    gradient.b += slope;
    hessian.aa += curve * logit * logit;
    hessian.ab += curve * logit;
    hessian.bb += curve;
  }
  const determinant = hessian.aa * hessian.bb - hessian.ab * hessian.ab;
  const stepA = (hessian.bb * gradient.a - hessian.ab * gradient.b) / determinant;
  const stepB = (hessian.aa * gradient.b - hessian.ab * gradient.a) / determinant;
  for (let size = 1; size > 1e-10; size /= 2) {
    const calibration = { scale: scale - size * stepA, shift: shift - size * stepB };
    const next = objective(problem, calibration);
    if (next < loss) return { calibration, loss: next };
  }
  return null;
}

function target(problem: Problem, index: number): number {
  return problem.labels_N[index] === 1 ? problem.positiveTarget : problem.negativeTarget;
}

function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}
