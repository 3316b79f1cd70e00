import { type Value } from '../../engine/onnx';
import { add, concat, mul, reduceSum, relu, reshape, unsqueeze } from '../../engine/ops';
import {
  dense,
  dropout,
  ensembleDense,
  type Initializer,
  kaimingUniform,
  type Scope,
  xavierUniform,
  zeros,
} from '../../engine/nn';
import { type InputShape } from '../features/encoded-examples';
import { categoryWeights, embedColumns } from './embed-columns';
import { historyVector } from './history';
import { type NetworkConfig } from './model-config';
import { type NetworkInputs } from './network';

interface MemberOptions {
  readonly model: NetworkConfig;
  readonly shape: InputShape;
}

/**
 * One network's logit of each example: [N].
 *
 * The example's numbers, its category vectors and the vector of its history, joined → dense layers with ReLU and
 * dropout → one logit, plus a linear term of what was joined: what is linear in the log-odds need not be learned by
 * the layers, which can then be held back by a strong weight decay (Cheng et al. 2016).
 */
export function memberLogit(scope: Scope, inputs: NetworkInputs, options: MemberOptions): Value {
  const { model } = options;
  const joined = joinedFeatures(scope, inputs, options);
  let hidden = joined;
  model.dense.forEach((units, index) => {
    const layer = scope.in(`dense${index + 1}`);
    hidden = relu(dense(layer, hidden, { units, initializer: kaimingUniform }));
    hidden = dropout(layer.in('dropout'), hidden, model.dropout);
  });
  const deep = dense(scope.in('logit'), hidden, { units: 1 });
  return reshape(add(deep, linearTerm(scope, joined, { inputs, ...options })), [-1]);
}

/** The same of all members together, which share what they can: [N, K]. */
export function sharedLogits(scope: Scope, inputs: NetworkInputs, options: MemberOptions): Value {
  const { model } = options;
  const { members } = model;
  const joined = joinedFeatures(scope, inputs, options);
  let hidden = joined;
  model.dense.forEach((units, index) => {
    const layer = scope.in(`dense${index + 1}`);
    const ensemble = { members, units, initializer: kaimingUniform, apart: index === 0 };
    hidden = relu(ensembleDense(layer, hidden, ensemble));
    hidden = dropout(layer.in('dropout'), hidden, model.dropout);
  });
  const deep = memberHeads(scope.in('logit'), hidden, members);
  return add(deep, linearTerm(scope, joined, { inputs, ...options }));
}

/** A last layer of its own for each member: [N, H] or [N, K, H] → [N, K]. */
function memberHeads(scope: Scope, hidden: Value, members: number): Value {
  const inputs = hidden.size(-1);
  const kernel = scope.parameter('kernel', [members, inputs], { initializer: headKernel, decays: true });
  const bias = scope.parameter('bias', [members], { initializer: zeros });
  const each = hidden.rank === 2 ? unsqueeze(hidden, [1]) : hidden;
  return add(reduceSum(mul(each, kernel), [2]), bias);
}

/** As a dense layer of one unit begins: its inputs are the last axis here. */
const headKernel: Initializer = ([members = 1, inputs = 1], random) => {
  const heads = Array.from({ length: members }, () => xavierUniform([inputs, 1], random));
  return Float32Array.from(heads.flatMap((head) => [...head]));
};

/** Of what was joined, and of the categories themselves where the model says so: [N, 1]. */
function linearTerm(
  scope: Scope,
  joined: Value,
  { inputs, model, shape }: MemberOptions & { readonly inputs: NetworkInputs },
): Value {
  const ofJoined = dense(scope.in('wide'), joined, { units: 1, bias: false, initializer: zeros });
  if (!model.categoryEffects || !inputs.categorical_NC) return ofJoined;
  const effects_NC = categoryWeights(scope.in('effects'), inputs.categorical_NC, shape, inputs.blend);
  return add(ofJoined, reduceSum(effects_NC, [1], true));
}

function joinedFeatures(scope: Scope, inputs: NetworkInputs, { model, shape }: MemberOptions): Value {
  const parts: Value[] = [];
  if (inputs.numeric_NF) parts.push(inputs.numeric_NF);
  if (inputs.categorical_NC)
    parts.push(
      embedColumns(scope.in('categories'), inputs.categorical_NC, {
        cardinalities: shape.cardinalities,
        bags: shape.bags,
        dimension: model.embeddingDimension,
        scale: model.embeddingScale,
        blend: inputs.blend,
      }),
    );
  if (inputs.sequence && shape.sequence)
    parts.push(historyVector(scope.in('history'), inputs.sequence, { model, shape: shape.sequence }));
  return concat(parts, 1);
}
