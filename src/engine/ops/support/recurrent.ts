import { type OpCall, type Shape, type TensorType, type Value } from '../../onnx';

/**
 * Inputs that ONNX's recurrent ops share: X [T,B,I], W [1,G·H,I], R [1,G·H,H], B [1,2·G·H] and lengths int32 [B],
 * for G gates and H hidden units, one direction.
 */
export interface RecurrentInputs {
  readonly x_TBI: Value;
  readonly kernel: Value;
  readonly recurrent: Value;
  readonly bias: Value;
  readonly lengths_B: Value;
}

/** The types of Y [T,1,B,H] and of the last states [1,B,H], `states` of them. */
export function recurrentTypes(call: OpCall, gates: number, states: number): TensorType[] {
  // ONNX Runtime has no kernels for others.
  call.expectType([0, 1, 2, 3], ['float32']);
  const [x, kernel, recurrent, bias] = [call.input(0), call.input(1), call.input(2), call.input(3)];
  const hidden = call.int('hidden_size');
  if (x.rank !== 3) call.fail('X must be [T,B,I]');
  const expect = (value: Value, shape: Shape): void => {
    if (value.shape.join() !== shape.join()) call.fail(`${value.describe()} must be [${shape.join()}]`);
  };
  expect(kernel, [1, gates * hidden, x.dim(2)]);
  expect(recurrent, [1, gates * hidden, hidden]);
  expect(bias, [1, 2 * gates * hidden]);
  expect(call.input(4), [x.dim(1)]);
  if (call.input(4).dtype !== 'int32') call.fail('the lengths must be int32');
  const last: Shape = [1, x.dim(1), hidden];
  return [
    { dtype: x.dtype, shape: [x.dim(0), 1, x.dim(1), hidden] },
    ...Array.from({ length: states }, () => ({ dtype: x.dtype, shape: last })),
  ];
}

/** The inputs of a sample: T = 3, B = 2, I = 2, H = 2, one sequence shorter than the other. */
export function recurrentSample(gates: number): { shape: number[]; dtype?: 'int32'; values?: number[] }[] {
  return [
    { shape: [3, 2, 2] },
    { shape: [1, gates * 2, 2] },
    { shape: [1, gates * 2, 2] },
    { shape: [1, gates * 4] },
    { shape: [2], dtype: 'int32', values: [3, 1] },
  ];
}

/** A sample's inputs under their names. */
export function namedInputs(inputs: readonly Value[]): RecurrentInputs {
  const [x_TBI, kernel, recurrent, bias, lengths_B] = inputs as [Value, Value, Value, Value, Value];
  return { x_TBI, kernel, recurrent, bias, lengths_B };
}
