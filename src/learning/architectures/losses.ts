import { type Value } from '../../engine/onnx';
import { add, mul } from '../../engine/ops';
import { binaryCrossEntropy, classWeights, focalLoss, smoothLabels } from '../../engine/nn';
import { type ModelConfig } from './model-config';

/**
 * The configured loss of each example: [N].
 *
 * A weight of positives multiplies the odds that are learned by as much. Such odds belong to the logit plus the
 * logarithm of the weight, so that is what is compared with the labels, and the logit itself stays that of the data:
 * the prior correction of King and Zeng (2001), made while training (Menon et al. 2021) instead of afterwards. It is
 * exact for hard labels. Smoothed labels and the focal loss pull probabilities towards ½ besides, which only a
 * calibration on held-out examples can take back.
 */
export function exampleLosses(logits_N: Value, labels_N: Value, loss: ModelConfig['loss']): Value {
  if (loss.kind === 'focal') return focalLoss(logits_N, labels_N, loss.gamma);
  const { positiveWeight, labelSmoothing } = loss;
  const targets_N = labelSmoothing === 0 ? labels_N : smoothLabels(labels_N, labelSmoothing);
  if (positiveWeight === 1) return binaryCrossEntropy(logits_N, targets_N);
  const losses_N = binaryCrossEntropy(add(logits_N, Math.log(positiveWeight)), targets_N);
  return mul(losses_N, classWeights(labels_N, positiveWeight));
}
