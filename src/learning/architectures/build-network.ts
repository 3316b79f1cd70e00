import { type Value } from '../../engine/onnx';
import { type Scope } from '../../engine/nn';
import { mul, reduceMean, sum } from '../../engine/ops';
import { type InputShape } from '../features/encoded-examples';
import { exampleLosses } from './losses';
import { memberLogit } from './member-logit';
import { type ModelConfig } from './model-config';
import { type NetworkInputs } from './network';

export interface NetworkOptions {
  readonly model: ModelConfig;
  /** Of the data; the inputs' own sequences may be shorter than its `maxLength`. */
  readonly shape: InputShape;
}

/** The model's answer: the mean of its members' logits [N]. */
export function networkLogits(scope: Scope, inputs: NetworkInputs, options: NetworkOptions): Value {
  return mean(memberLogits(scope, inputs, options));
}

/** What training lowers: the mean over members of each one's own loss, so that none leans on another. */
export function networkLoss(
  scope: Scope,
  inputs: NetworkInputs,
  options: NetworkOptions & { readonly labels_N: Value },
): Value {
  const { model, labels_N } = options;
  const losses = memberLogits(scope, inputs, options).map((logits_N) =>
    reduceMean(exampleLosses(logits_N, labels_N, model.loss), [0]),
  );
  return mean(losses);
}

function memberLogits(scope: Scope, inputs: NetworkInputs, options: NetworkOptions): Value[] {
  return Array.from({ length: options.model.members }, (_, index) =>
    memberLogit(scope.in(`member${index + 1}`), inputs, options),
  );
}

function mean(values: readonly Value[]): Value {
  return values.length === 1 ? sum(values) : mul(sum(values), 1 / values.length);
}
