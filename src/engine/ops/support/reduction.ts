import { NUMBERS, type OpCall, type Shape, type TensorType, type Value } from '../../onnx';
import { expand } from '../expand';
import { reshape } from '../reshape';

/** The axes that are reduced, all where none are given, counted from 0. */
export function reducedAxes(call: OpCall, axes: readonly number[]): readonly number[] {
  const { rank } = call.input(0);
  if (axes.length === 0) return call.input(0).shape.map((_, axis) => axis);
  const reduced = axes.map((axis) => call.axis(axis, rank));
  if (new Set(reduced).size < axes.length) call.fail(`the axes [${axes.join()}] repeat`);
  return reduced;
}

/** Type of a reduction over axes; `keepdims` leaves them with size 1. */
export function reducedType(call: OpCall, axes: readonly number[]): TensorType {
  call.expectType([0], NUMBERS);
  const x = call.input(0);
  const reduced = new Set(reducedAxes(call, axes));
  const kept: Shape = call.int('keepdims')
    ? x.shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim))
    : x.shape.filter((_, axis) => !reduced.has(axis));
  return { dtype: x.dtype, shape: kept };
}

/** A reduction's output (or its gradient) with the reduced axes back at size 1, so that it broadcasts over x. */
export function restoreAxes(call: OpCall, axes: readonly number[], reduced: Value): Value {
  if (call.int('keepdims')) return reduced;
  const gone = new Set(reducedAxes(call, axes));
  return reshape(
    reduced,
    call
      .input(0)
      .staticShape()
      .map((dim, axis) => (gone.has(axis) ? 1 : dim)),
  );
}

/** The same, repeated over all of x. */
export function spread(call: OpCall, axes: readonly number[], reduced: Value): Value {
  return expand(restoreAxes(call, axes, reduced), call.input(0).staticShape());
}
