import { type Value } from '../../engine/onnx';
import { add, mul } from '../../engine/ops';
import { binaryCrossEntropy, classWeights, focalLoss, smoothLabels } from '../../engine/nn';
import { type ModelConfig } from './model-config';

/**
 * The configured loss of each example: [N].
 *
 * What is trained on is not always what is predicted for: classes may be sampled, or weighted, so that the odds of a
 * positive are a known number of times what they are in the data. Such odds belong to the logit plus the logarithm of
 * that number, so that is what is compared with the labels, and the logit itself stays that of the data: the prior
 * correction of King and Zeng (2001), made while training (Menon et al. 2021) instead of afterwards. It is exact for
 * cross-entropy with hard labels. Smoothed labels and the focal loss pull probabilities towards ½ besides, which only
 * a calibration on held-out examples can take back.
 *
 * @param logitShift the logarithm of how many times the sampled odds of a positive are the data's: 0 when as many.
 */
export function exampleLosses(
  logits_N: Value,
  labels_N: Value,
  { loss, logitShift }: { loss: ModelConfig['loss']; logitShift: number },
): Value {
  const shift = logitShift + (loss.kind === 'cross-entropy' ? Math.log(loss.positiveWeight) : 0);
  const shifted_N = shift === 0 ? logits_N : add(logits_N, shift);
  if (loss.kind === 'focal') return focalLoss(shifted_N, labels_N, loss.gamma);
  const { positiveWeight, labelSmoothing } = loss;
  const targets_N = labelSmoothing === 0 ? labels_N : smoothLabels(labels_N, labelSmoothing);
  const losses_N = binaryCrossEntropy(shifted_N, targets_N);
  return positiveWeight === 1 ? losses_N : mul(losses_N, classWeights(labels_N, positiveWeight));
}
