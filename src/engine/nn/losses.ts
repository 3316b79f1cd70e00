import { type Value } from '../onnx';
import { div, max, mul, reduceSum, softplus, sub } from '../ops';

/**
 * Mean over examples, weighted: Σ w·loss / Σ w. A weight of 0 takes an example out, which is how the last
 * batch of an epoch is filled up; a batch of nothing but those has loss 0.
 */
export function weightedMean(losses: Value, weights: Value): Value {
  return div(reduceSum(mul(losses, weights)), max(reduceSum(weights), 1e-12));
}

/**
 * Binary cross-entropy of logits z and labels y: ln(1 + eᶻ) − y·z per example, of the logits' shape.
 * Never infinite, however sure and wrong. Labels may be soft (0 … 1).
 */
export function binaryCrossEntropy(logits: Value, labels: Value): Value {
  return sub(softplus(logits), mul(labels, logits));
}
