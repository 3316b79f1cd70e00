import { type Value } from '../../engine/onnx';
import { concat, transpose } from '../../engine/ops';
import { maskSequence, type Scope } from '../../engine/nn';
import { type InputShape } from '../features/encoded-examples';
import { embedColumns } from './embed-columns';
import { type NetworkConfig } from './model-config';
import { type SequenceInputs } from './network';

/** The events of each example as an architecture reads them. */
export interface EventSequence {
  /** T steps, N examples, E numbers an event, zeros at padding. T may be below the data's maximal length. */
  readonly x_TNE: Value;
  /** int32, 0..T. */
  readonly lengths_N: Value;
  /** The largest T that there is: a parameter for each step is one for each of so many. */
  readonly maxLength: number;
}

/** Each event's numbers and category vectors side by side. */
export function eventSequence(
  scope: Scope,
  { numeric_NTS, categorical_NTK, lengths_N, blend }: SequenceInputs,
  { model, shape }: { model: NetworkConfig; shape: NonNullable<InputShape['sequence']> },
): EventSequence {
  const parts: Value[] = [];
  if (numeric_NTS) parts.push(transpose(numeric_NTS, [1, 0, 2]));
  if (categorical_NTK)
    parts.push(
      embedColumns(scope.in('events'), transpose(categorical_NTK, [1, 0, 2]), {
        cardinalities: shape.cardinalities,
        bags: shape.bags,
        dimension: model.embeddingDimension,
        scale: model.embeddingScale,
        blend,
      }),
    );
  return { x_TNE: maskSequence(concat(parts, 2), lengths_N), lengths_N, maxLength: shape.maxLength };
}
