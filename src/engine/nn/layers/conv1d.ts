import { describeCall, GraphError, type Value } from '../../onnx';
import { concat, pad, slice } from '../../ops';
import { kaimingUniform, zeros } from '../initializers';
import { type Scope } from '../scope';
import { linear } from './dense';

export interface Conv1dOptions {
  readonly filters: number;
  /** Steps that one output sees. */
  readonly width: number;
  /** Distance between those steps: 1 unless given. */
  readonly dilation?: number;
  /** `same` looks both ways, `causal` only back; both keep the number of steps. */
  readonly padding?: 'same' | 'causal';
}

/**
 * Convolution over time: x_TBE → [T,B,filters], zeros beyond the ends. Padding steps of x must hold zeros.
 * y[t] = Σₖ x[t + (k − left)·dilation]·kernel[k] + bias: the shifted copies side by side, times one matrix.
 */
export function conv1d(scope: Scope, x_TBE: Value, options: Conv1dOptions): Value {
  const { filters, width, dilation = 1, padding = 'same' } = options;
  if (x_TBE.rank !== 3 || ![width, dilation].every((size) => Number.isInteger(size) && size >= 1))
    throw new GraphError(
      `${describeCall('conv1d', [x_TBE])}: x must be [T,B,E], width (${width}) and dilation (${dilation}) 1 or more`,
    );
  const [steps, channels] = [x_TBE.size(0), x_TBE.size(2)];
  const kernel = scope.parameter('kernel', [width * channels, filters], {
    initializer: kaimingUniform,
    decays: true,
  });
  const bias = scope.parameter('bias', [filters], { initializer: zeros });
  const reach = (width - 1) * dilation;
  const before = padding === 'causal' ? reach : Math.floor(reach / 2);
  const padded = pad(x_TBE, { axis: 0, before, after: reach - before });
  const shifted = Array.from({ length: width }, (_, k) =>
    // The copy that is not shifted is x itself: nothing to cut out, and no gradient to pad.
    k * dilation === before
      ? x_TBE
      : slice(padded, { axis: 0, start: k * dilation, end: k * dilation + steps }),
  );
  return linear(concat(shifted, 2), kernel, bias);
}
