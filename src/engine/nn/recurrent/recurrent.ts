import { type Value } from '../../onnx';
import { cast, concat, mul, reshape, reverseSequence, squeeze, transpose, unsqueeze } from '../../ops';
import { gateBiases, orthogonal, sideBySide, xavierUniform, zeros } from '../initializers';
import { lastStep, sequenceMask } from '../layers/sequence';
import { type Scope } from '../scope';
import { type Cell } from './cell';
import { gruCell } from './gru-cell';
import { lstmCell } from './lstm-cell';
import { recurrence } from './recurrence';
import { rnnCell } from './rnn-cell';

const CELLS = { rnn: rnnCell, gru: gruCell, lstm: lstmCell } as const;
export type CellKind = keyof typeof CELLS;

export interface Recurrent {
  /** The hidden state after each step [T,B,H], 0 at padding. */
  readonly all: Value;
  /** The hidden state after each sequence's last step [B,H], 0 for an empty one. */
  readonly last: Value;
}

export interface RecurrentOptions {
  readonly cell: CellKind;
  /** H. */
  readonly units: number;
  /** Also reads each sequence from its end; both results lie side by side: 2·H units. */
  readonly bidirectional?: boolean;
}

/** A recurrent layer over x_TBI with lengths_B (int32, 0 … T). Fused ONNX ops in inference. */
export function recurrent(
  scope: Scope,
  x_TBI: Value,
  lengths_B: Value,
  options: RecurrentOptions,
): Recurrent {
  if (!options.bidirectional) return oneWay(scope, x_TBI, lengths_B, options);
  const lengths = cast(lengths_B, 'int64');
  const forward = oneWay(scope.in('forward'), x_TBI, lengths_B, options);
  const backward = oneWay(scope.in('backward'), reverseSequence(x_TBI, lengths), lengths_B, options);
  return {
    all: concat([forward.all, reverseSequence(backward.all, lengths)], 2),
    last: concat([forward.last, backward.last], 1),
  };
}

function oneWay(scope: Scope, x_TBI: Value, lengths_B: Value, options: RecurrentOptions): Recurrent {
  const cell: Cell = CELLS[options.cell];
  const { units } = options;
  const gates = cell.biases.length;
  const width = gates * units;
  const kernel = scope.parameter('kernel', [x_TBI.size(2), width], {
    initializer: sideBySide(gates, xavierUniform),
    decays: true,
  });
  const recurrentKernel = scope.parameter('recurrentKernel', [units, width], {
    initializer: sideBySide(gates, orthogonal),
    decays: true,
  });
  const bias = scope.parameter('bias', [width], { initializer: gateBiases(cell.biases) });
  const recurrentBias = cell.recurrentBias
    ? scope.parameter('recurrentBias', [width], { initializer: zeros })
    : null;

  if (!scope.training) {
    const bothBiases = concat([bias, recurrentBias ?? bias.graph.zeros('float32', [width])], 0);
    const { all, last } = cell.fused(
      {
        x_TBI,
        kernel: unsqueeze(transpose(kernel, [1, 0]), [0]),
        recurrent: unsqueeze(transpose(recurrentKernel, [1, 0]), [0]),
        bias: unsqueeze(bothBiases, [0]),
        lengths_B,
      },
      units,
    );
    return { all: squeeze(all, [1]), last: squeeze(last, [0]) };
  }

  const [steps, batch] = [x_TBI.size(0), x_TBI.size(1)];
  const flat = recurrence(
    cell.prepare({ kernel, recurrentKernel, bias, recurrentBias }),
    reshape(x_TBI, [steps * batch, x_TBI.size(2)]),
    { steps, batch, hidden: units, states: cell.states },
  );
  const all = reshape(flat.all, [steps, batch, units]);
  if (areFull(lengths_B, steps)) return { all, last: flat.last };
  return { all: mul(all, sequenceMask(lengths_B, steps)), last: lastStep(all, lengths_B) };
}

/** Whether sequences are known to have no padding while the graph is built. */
function areFull({ constant }: Value, steps: number): boolean {
  return constant?.dtype === 'int32' && constant.data.every((length) => length === steps);
}
