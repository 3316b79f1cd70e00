import { type Value } from '../../engine/onnx';
import { binaryCrossEntropy, type Scope } from '../../engine/nn';
import { mul, reduceMean, sum } from '../../engine/ops';
import { type InputShape } from '../features/encoded-examples';
import { convRecurrent } from './conv-recurrent';
import { type ModelConfig } from './model-config';
import { type NetworkInputs } from './network';

export interface NetworkOptions {
  readonly model: ModelConfig;
  readonly shape: InputShape;
}

/** The model's answer: the mean of its members' logits [N]. */
export function networkLogits(scope: Scope, inputs: NetworkInputs, options: NetworkOptions): Value {
  return mean(memberLogits(scope, inputs, options));
}

/** What training lowers: the mean over members of each one's own log loss, so that none leans on another. */
export function networkLoss(
  scope: Scope,
  inputs: NetworkInputs,
  options: NetworkOptions & { readonly labels_N: Value },
): Value {
  const losses = memberLogits(scope, inputs, options).map((logits_N) =>
    reduceMean(binaryCrossEntropy(logits_N, options.labels_N), [0]),
  );
  return mean(losses);
}

function memberLogits(scope: Scope, inputs: NetworkInputs, options: NetworkOptions): Value[] {
  return Array.from({ length: options.model.members }, (_, index) =>
    convRecurrent(scope.in(`member${index + 1}`), inputs, options),
  );
}

function mean(values: readonly Value[]): Value {
  return values.length === 1 ? sum(values) : mul(sum(values), 1 / values.length);
}
