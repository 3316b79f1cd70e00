import { type Value } from '../../engine/onnx';
import { meanOverTime } from '../../engine/nn';
import { type EventSequence } from './event-sequence';

/** The mean of the events' vectors [N, E], zeros where there are none: the same in whatever order they came. */
export function bag({ x_TNE, lengths_N }: EventSequence): Value {
  return meanOverTime(x_TNE, lengths_N);
}
