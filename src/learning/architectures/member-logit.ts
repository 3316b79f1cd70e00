import { type Value } from '../../engine/onnx';
import { add, concat, relu, reshape } from '../../engine/ops';
import { dense, dropout, kaimingUniform, type Scope, zeros } from '../../engine/nn';
import { type InputShape } from '../features/encoded-examples';
import { embedColumns } from './embed-columns';
import { historyVector } from './history';
import { type NetworkConfig } from './model-config';
import { type NetworkInputs } from './network';

/**
 * One network's logit of each example: [N].
 *
 * The example's numbers, its category vectors and the vector of its history, joined → dense layers with ReLU and
 * dropout → one logit, plus a linear term of what was joined: what is linear in the log-odds need not be learned by
 * the layers, which can then be held back by a strong weight decay (Cheng et al. 2016).
 */
export function memberLogit(
  scope: Scope,
  inputs: NetworkInputs,
  { model, shape }: { model: NetworkConfig; shape: InputShape },
): Value {
  const parts: Value[] = [];
  if (inputs.numeric_NF) parts.push(inputs.numeric_NF);
  if (inputs.categorical_NC)
    parts.push(
      embedColumns(scope.in('categories'), inputs.categorical_NC, {
        cardinalities: shape.cardinalities,
        dimension: model.embeddingDimension,
      }),
    );
  if (inputs.sequence && shape.sequence)
    parts.push(historyVector(scope.in('history'), inputs.sequence, { model, shape: shape.sequence }));
  const joined = concat(parts, 1);
  let hidden = joined;
  model.dense.forEach((units, index) => {
    const layer = scope.in(`dense${index + 1}`);
    hidden = relu(dense(layer, hidden, { units, initializer: kaimingUniform }));
    hidden = dropout(layer.in('dropout'), hidden, model.dropout);
  });
  const deep = dense(scope.in('logit'), hidden, { units: 1 });
  const wide = dense(scope.in('wide'), joined, { units: 1, bias: false, initializer: zeros });
  return reshape(add(deep, wide), [-1]);
}
