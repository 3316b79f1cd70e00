import { type Value } from '../../engine/onnx';
import { add, concat, relu, reshape, transpose } from '../../engine/ops';
import {
  conv1d,
  dense,
  dropout,
  kaimingUniform,
  maskSequence,
  recurrent,
  type Scope,
  zeros,
} from '../../engine/nn';
import { type InputShape } from '../features/encoded-examples';
import { embedColumns } from './embed-columns';
import { type ModelConfig } from './model-config';
import { type NetworkInputs, type SequenceInputs } from './network';

const CELLS = { RNN: 'rnn', GRU: 'gru', LSTM: 'lstm' } as const;

type SequenceShape = NonNullable<InputShape['sequence']>;

/**
 * The logit of each example: [N].
 *
 * Static branch: numbers and category vectors. History branch: vectors and numbers of each event → convolution
 * over time → ReLU → recurrent cell → its state after the last event (zeros where there is none).
 * Both joined → dense layers with ReLU and dropout → one logit, plus a linear term of what was joined: what is
 * linear in the log-odds need not be learned by the layers, which can then be held back by a strong weight decay
 * (Cheng et al. 2016).
 */
export function convRecurrent(
  scope: Scope,
  inputs: NetworkInputs,
  options: { model: ModelConfig; shape: InputShape },
): Value {
  const { model, shape } = options;
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
    parts.push(history(scope.in('history'), inputs.sequence, { model, shape: shape.sequence }));
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

function history(
  scope: Scope,
  { numeric_NTS, categorical_NTK, lengths_N }: SequenceInputs,
  { model, shape }: { model: ModelConfig; shape: SequenceShape },
): Value {
  const parts: Value[] = [];
  if (numeric_NTS) parts.push(transpose(numeric_NTS, [1, 0, 2]));
  if (categorical_NTK)
    parts.push(
      embedColumns(scope.in('events'), transpose(categorical_NTK, [1, 0, 2]), {
        cardinalities: shape.cardinalities,
        dimension: model.embeddingDimension,
      }),
    );
  const x_TNE = maskSequence(concat(parts, 2), lengths_N);
  const { filters, kernelSize, dilation } = model.convolution;
  const events_TNF = relu(conv1d(scope.in('convolution'), x_TNE, { filters, width: kernelSize, dilation }));
  const { cell, units } = model.recurrent;
  return recurrent(scope.in('recurrent'), events_TNF, lengths_N, { cell: CELLS[cell], units }).last;
}
