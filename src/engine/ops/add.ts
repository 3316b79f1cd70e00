import { applyOne, type Value } from '../onnx';
import { binaryOp, binarySamples, type Operand, operands } from './support/elementwise';

/** y = a + b.  da = dy, db = dy. */
export const Add = binaryOp('Add', 14, {
  gradient: (dy) => [dy, dy],
  samples: binarySamples(add),
});

export function add(a: Operand, b: Operand): Value {
  return applyOne(Add, operands(a, b));
}

/** Σ terms. As additions: on the CPU they cost what the op `Sum` costs, and WebGPU has no kernel for that one. */
export function sum(terms: readonly Value[]): Value {
  return terms.reduce((total, term) => add(total, term));
}
