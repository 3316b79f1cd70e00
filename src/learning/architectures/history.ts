import { type Value } from '../../engine/onnx';
import { type Scope } from '../../engine/nn';
import { type InputShape } from '../features/encoded-examples';
import { bag } from './bag';
import { convRecurrent } from './conv-recurrent';
import { eventSequence } from './event-sequence';
import { type NetworkConfig } from './model-config';
import { type SequenceInputs } from './network';
import { transformer } from './transformer';

/** One vector for each history [N, H], as the configured architecture makes it; also for one without events. */
export function historyVector(
  scope: Scope,
  inputs: SequenceInputs,
  options: { model: NetworkConfig; shape: NonNullable<InputShape['sequence']> },
): Value {
  const { model } = options;
  const events = eventSequence(scope, inputs, options);
  switch (model.architecture) {
    case 'conv-recurrent':
      return convRecurrent(scope, events, model);
    case 'transformer':
      return transformer(scope, events, model);
    case 'bag':
      return bag(events);
  }
}
