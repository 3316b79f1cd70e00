import { type Value } from '../../engine/onnx';
import {
  add,
  cast,
  concat,
  div,
  max,
  mul,
  reduceSum,
  reshape,
  sub,
  sum,
  transpose,
  unsqueeze,
} from '../../engine/ops';
import { dense, meanOverTime, type Scope, sequenceMask, zeros } from '../../engine/nn';
import { type InputShape } from '../features/encoded-examples';
import { categoryWeights } from './embed-columns';
import { type NetworkInputs, type SequenceInputs } from './network';

/**
 * Logistic regression on the encoded features, the logit of each example: [N].
 *
 * A weight for each number and each category; of histories, for what the steps are on average, what the last one is,
 * and how many there are. Weights begin at 0.
 */
export function linearLogit(scope: Scope, inputs: NetworkInputs, shape: InputShape): Value {
  const numbers: Value[] = [];
  const effects: Value[] = [];
  if (inputs.numeric_NF) numbers.push(inputs.numeric_NF);
  if (inputs.categorical_NC)
    effects.push(categoryWeights(scope.in('categories'), inputs.categorical_NC, shape, inputs.blend));
  if (inputs.sequence && shape.sequence) {
    const history = pooledHistory(scope.in('history'), inputs.sequence, shape.sequence);
    numbers.push(...history.numbers);
    effects.push(...history.effects);
  }
  const terms = effects.map((effect_NC) => reduceSum(effect_NC, [1], true));
  if (numbers.length > 0)
    terms.push(dense(scope.in('numbers'), concat(numbers, 1), { units: 1, bias: false, initializer: zeros }));
  const bias = scope.parameter('bias', [1], { initializer: zeros });
  return reshape(add(sum(terms), bias), [-1]);
}

interface Pooled {
  /** To be weighted: [N, …]. */
  readonly numbers: Value[];
  /** Weights already: [N, …]. */
  readonly effects: Value[];
}

function pooledHistory(
  scope: Scope,
  { numeric_NTS, categorical_NTK, lengths_N, blend }: SequenceInputs,
  shape: NonNullable<InputShape['sequence']>,
): Pooled {
  const length_N1 = unsqueeze(div(cast(lengths_N, 'float32'), shape.maxLength), [1]);
  const numbers = [length_N1];
  const effects: Value[] = [];
  if (numeric_NTS) {
    const x_TNS = transpose(numeric_NTS, [1, 0, 2]);
    numbers.push(meanOverTime(x_TNS, lengths_N), lastStep(x_TNS, lengths_N));
  }
  if (categorical_NTK) {
    const ids_TNK = transpose(categorical_NTK, [1, 0, 2]);
    const weights = (name: string) => categoryWeights(scope.in(name), ids_TNK, shape, blend);
    effects.push(meanOverTime(weights('mean'), lengths_N), lastStep(weights('last'), lengths_N));
  }
  return { numbers, effects };
}

/** Of the last valid step, zeros where there is none: [N, E]. */
function lastStep(x_TNE: Value, lengths_N: Value): Value {
  const steps = x_TNE.size(0);
  const before = sequenceMask(max(sub(lengths_N, 1), 0), steps);
  return reduceSum(mul(x_TNE, sub(sequenceMask(lengths_N, steps), before)), [0]);
}
