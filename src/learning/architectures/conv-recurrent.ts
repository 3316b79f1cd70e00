import { type Value } from '../../engine/onnx';
import { relu } from '../../engine/ops';
import { conv1d, recurrent, type Scope } from '../../engine/nn';
import { type EventSequence } from './event-sequence';
import { type ConfigOf } from './model-config';

const CELLS = { RNN: 'rnn', GRU: 'gru', LSTM: 'lstm' } as const;

/**
 * Events → convolution over time → ReLU → recurrent cell → its state after the last event: [N, units], twice as wide
 * when it reads both ways, zeros where there are no events.
 */
export function convRecurrent(
  scope: Scope,
  { x_TNE, lengths_N }: EventSequence,
  model: ConfigOf<'conv-recurrent'>,
): Value {
  const { filters, kernelSize, dilation } = model.convolution;
  const events_TNF = relu(conv1d(scope.in('convolution'), x_TNE, { filters, width: kernelSize, dilation }));
  const { cell, units, bidirectional } = model.recurrent;
  const options = { cell: CELLS[cell], units, bidirectional };
  return recurrent(scope.in('recurrent'), events_TNF, lengths_N, options).last;
}
