import {
  applyOne,
  type Dim,
  named,
  type OpCall,
  type OpDefinition,
  product,
  quotient,
  type Value,
} from '../onnx';

/** The same elements in another shape.  dx = dy in x's shape. */
export const Reshape: OpDefinition = {
  opType: 'Reshape',
  sinceVersion: 14,
  inferTypes: (call) => [{ dtype: call.input(0).dtype, shape: resolve(call, call.constantInts(1)) }],
  gradient: (node, [dy]) => [dy ? reshape(dy, node.input(0).staticShape()) : null, null],
  samples: [
    { name: 'to a matrix', inputs: [{ shape: [2, 3, 2] }], build: (x) => reshape(x, [3, -1]) },
    { name: 'from a scalar', inputs: [{ shape: [] }], build: (x) => reshape(x, [1, -1]) },
    { name: 'to a scalar', inputs: [{ shape: [1, 1] }], build: (x) => reshape(x, []) },
    { name: 'keeping an axis', inputs: [{ shape: [2, 6] }], build: (x) => reshape(x, [0, 3, 2]) },
  ],
};

/** @param shape 0 keeps the input's dimension at that place, a single −1 takes what is left. */
export function reshape(x: Value, shape: readonly number[]): Value {
  return applyOne(Reshape, [x, named('Reshape', [x], () => x.graph.ints(shape))]);
}

function resolve(call: OpCall, requested: readonly number[]): Dim[] {
  const { shape } = call.input(0);
  const dims = requested.map((dim, axis) => (dim === 0 ? (shape[axis] ?? 0) : dim));
  const open = dims.indexOf(-1);
  if (requested.some((dim, axis) => dim < (axis === open ? -1 : 0)))
    call.fail(`cannot take the shape [${requested.join()}]`);
  const total = product(shape);
  if (open >= 0) {
    const rest = quotient(total, product(dims.filter((_, axis) => axis !== open)));
    dims[open] = rest ?? call.fail(`cannot take the shape [${requested.join()}]`);
  } else if (product(dims) !== total) call.fail(`cannot take the shape [${requested.join()}]`);
  return dims;
}
