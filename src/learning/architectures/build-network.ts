import { tensorOf, type Value } from '../../engine/onnx';
import { type Scope } from '../../engine/nn';
import { add, mul, reduceMean, sum, unsqueeze } from '../../engine/ops';
import { type InputShape } from '../features/encoded-examples';
import { exampleLosses } from './losses';
import { linearLogit } from './linear-logit';
import { memberLogit, sharedLogits } from './member-logit';
import { type ModelConfig } from './model-config';
import { type NetworkInputs } from './network';

export interface NetworkOptions {
  readonly model: ModelConfig;
  /** Of the data; the inputs' own sequences may be shorter than its `maxLength`. */
  readonly shape: InputShape;
}

export interface LossOptions extends NetworkOptions {
  readonly labels_N: Value;
  /** 1, or 0 for rows that only fill up a batch. */
  readonly weights_N: Value;
  /** As `exampleLosses` takes it. */
  readonly logitShift: number;
}

/** The model's answer: the mean of its members' logits [N]. */
export function networkLogits(scope: Scope, inputs: NetworkInputs, options: NetworkOptions): Value {
  return mean(
    memberLogits(scope, inputs, options).map((logits) =>
      logits.rank === 2 ? reduceMean(logits, [1]) : logits,
    ),
  );
}

/**
 * What training lowers: the mean over members of each one's own loss, so that none leans on another.
 *
 * Divided by N whatever the weights are: an example counts the same in a batch that is not full.
 */
export function networkLoss(scope: Scope, inputs: NetworkInputs, options: LossOptions): Value {
  const { model, labels_N, weights_N, logitShift } = options;
  const losses = memberLogits(scope, inputs, options).map((logits) => {
    const each = (values_N: Value) => (logits.rank === 2 ? repeated(values_N, logits.size(1)) : values_N);
    const ofExamples = exampleLosses(logits, each(labels_N), { loss: model.loss, logitShift });
    return reduceMean(mul(ofExamples, each(weights_N)), logits.rank === 2 ? [0, 1] : [0]);
  });
  return mean(losses);
}

/** [N] → [N, count]. */
function repeated(values_N: Value, count: number): Value {
  return add(
    unsqueeze(values_N, [1]),
    values_N.graph.constant(tensorOf('float32', [count], Array<number>(count).fill(0))),
  );
}

/** Of the members: [N] each, or of all members together [N, K]. */
function memberLogits(scope: Scope, inputs: NetworkInputs, { model, shape }: NetworkOptions): Value[] {
  if (model.architecture === 'linear') return [linearLogit(scope.in('linear'), inputs, shape)];
  if (model.memberWeights === 'shared') return [sharedLogits(scope.in('members'), inputs, { model, shape })];
  return Array.from({ length: model.members }, (_, index) =>
    memberLogit(scope.in(`member${index + 1}`), inputs, { model, shape }),
  );
}

function mean(values: readonly Value[]): Value {
  return values.length === 1 ? sum(values) : mul(sum(values), 1 / values.length);
}
