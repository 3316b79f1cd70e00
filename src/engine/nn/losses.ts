import { describeCall, GraphError, sameShape, type Value } from '../onnx';
import { add, div, exp, logSoftmax, max, mul, neg, reduceSum, relu, softplus, sub, sum } from '../ops';

/*
 * Losses are given per example, of the labels' shape [B]; `weightedMean` makes them one number.
 * Logits z and labels y: 0 or 1, or between where they are soft.
 */

/** Broadcast, shapes that differ would pair every example with every other. */
function requireOneShape(loss: string, a: Value, b: Value): void {
  if (!sameShape(a.shape, b.shape))
    throw new GraphError(`${describeCall(loss, [a, b])}: both must have one shape`);
}

/**
 * Mean over examples, weighted: Σ w·loss / Σ w. A weight of 0 takes an example out, which is how the last
 * batch of an epoch is filled up; a batch of nothing but those has loss 0.
 */
export function weightedMean(losses: Value, weights: Value): Value {
  requireOneShape('weightedMean', losses, weights);
  return div(reduceSum(mul(losses, weights)), max(reduceSum(weights), 1e-12));
}

/** Binary cross-entropy: ln(1 + eᶻ) − y·z. Never infinite, however sure and wrong. */
export function binaryCrossEntropy(logits: Value, labels: Value): Value {
  requireOneShape('binaryCrossEntropy', logits, labels);
  return sub(softplus(logits), mul(labels, logits));
}

/**
 * Cross-entropy that fades for examples that are easy already: (1 − p)^γ·(−ln p), with p the probability of the
 * true class. Lin et al. 2017, eq. 4; for a soft label the mean over both classes, y and 1 − y of it.
 *
 * @param gamma at least 0, where it is binary cross-entropy.
 */
export function focalLoss(logits: Value, labels: Value, gamma = 2): Value {
  requireOneShape('focalLoss', logits, labels);
  // −ln p and −ln(1 − p); powers of a probability are made of them, so that none is 0 to the power of less than 1.
  const positive = softplus(neg(logits));
  const negative = softplus(logits);
  const faded = (loss: Value, other: Value): Value => mul(exp(mul(other, -gamma)), loss);
  return add(mul(labels, faded(positive, negative)), mul(sub(1, labels), faded(negative, positive)));
}

/** max(0, 1 − t·z) with the label as t = 2y − 1: −1 or 1. */
export function hingeLoss(logits: Value, labels: Value): Value {
  requireOneShape('hingeLoss', logits, labels);
  return relu(sub(1, mul(sub(mul(labels, 2), 1), logits)));
}

/** (z − y)². */
export function squaredError(predictions: Value, targets: Value): Value {
  requireOneShape('squaredError', predictions, targets);
  const error = sub(predictions, targets);
  return mul(error, error);
}

/** Cross-entropy over C classes, −Σ y·ln softmax(z): logits and labels [B,C] → [B]. */
export function softmaxCrossEntropy(logits_BC: Value, labels_BC: Value): Value {
  requireOneShape('softmaxCrossEntropy', logits_BC, labels_BC);
  return neg(reduceSum(mul(labels_BC, logSoftmax(logits_BC, -1)), [-1]));
}

/**
 * Labels moved from 0 and 1 towards all classes alike: y·(1 − ε) + ε/C. Szegedy et al. 2016, §7.
 *
 * @param classes C: 2 unless given, for one label of yes or no.
 */
export function smoothLabels(labels: Value, epsilon: number, classes = 2): Value {
  return add(mul(labels, 1 - epsilon), epsilon / classes);
}

/** Weights of examples by class: `positive` for y = 1, 1 for y = 0. */
export function classWeights(labels: Value, positive: number): Value {
  return add(mul(labels, positive - 1), 1);
}

/**
 * One loss for several tasks that share a model: Σ weight·loss. Caruana 1997.
 *
 * @param tasks scalars, with weights that are not negative: 1 unless given.
 */
export function multiTask(tasks: readonly { readonly loss: Value; readonly weight?: number }[]): Value {
  for (const { loss, weight = 1 } of tasks) {
    if (loss.rank !== 0)
      throw new GraphError(`${describeCall('multiTask', [loss])}: a task's loss is a scalar`);
    if (!(weight >= 0 && Number.isFinite(weight)))
      throw new GraphError(`${describeCall('multiTask', [loss])}: ${weight} is no weight`);
  }
  if (tasks.length === 0) throw new GraphError('multiTask: there is no task');
  return sum(tasks.map(({ loss, weight = 1 }) => mul(loss, weight)));
}
