import { type Value } from '../onnx';
import { add, div, logSoftmax, max, mul, neg, pow, reduceSum, relu, sigmoid, softplus, sub } from '../ops';

/**
 * Losses are given per example, of the labels' shape [B]; `weightedMean` makes them one number.
 * Logits z and labels y: 0 or 1, or between where they are soft.
 */

/**
 * Mean over examples, weighted: Σ w·loss / Σ w. A weight of 0 takes an example out, which is how the last
 * batch of an epoch is filled up; a batch of nothing but those has loss 0.
 */
export function weightedMean(losses: Value, weights: Value): Value {
  return div(reduceSum(mul(losses, weights)), max(reduceSum(weights), 1e-12));
}

/** Binary cross-entropy: ln(1 + eᶻ) − y·z. Never infinite, however sure and wrong. */
export function binaryCrossEntropy(logits: Value, labels: Value): Value {
  return sub(softplus(logits), mul(labels, logits));
}

/**
 * Cross-entropy that fades for examples that are easy already: (1 − p)^γ·(−ln p), with p the probability of the
 * true class. Lin et al. 2017, eq. 4, for hard labels.
 */
export function focalLoss(logits: Value, labels: Value, gamma = 2): Value {
  const signed = mul(logits, sub(1, mul(labels, 2)));
  return mul(pow(sigmoid(signed), gamma), softplus(signed));
}

/** max(0, 1 − y·z) with the label as −1 or 1. */
export function hingeLoss(logits: Value, labels: Value): Value {
  return relu(sub(1, mul(sub(mul(labels, 2), 1), logits)));
}

/** (z − y)². */
export function squaredError(predictions: Value, targets: Value): Value {
  const error = sub(predictions, targets);
  return mul(error, error);
}

/** Cross-entropy over C classes, −Σ y·ln softmax(z): logits and labels [B,C] → [B]. */
export function softmaxCrossEntropy(logits_BC: Value, labels_BC: Value): Value {
  return neg(reduceSum(mul(labels_BC, logSoftmax(logits_BC, -1)), [-1]));
}

/** Labels moved from 0 and 1 towards ½: y·(1 − ε) + ε/2. Szegedy et al. 2016, §7. */
export function smoothLabels(labels: Value, epsilon: number): Value {
  return add(mul(labels, 1 - epsilon), epsilon / 2);
}

/** Weights of examples by class: `positive` for y = 1, 1 for y = 0. */
export function classWeights(labels: Value, positive: number): Value {
  return add(mul(labels, positive - 1), 1);
}
