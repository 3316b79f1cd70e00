/** ONNX's numbers for the element types that the engine uses (TensorProto.DataType). */
export const ELEMENT_TYPE = {
  float32: 1,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float64: 11,
} as const;

export type DType = keyof typeof ELEMENT_TYPE;
/** The types that gradients exist for. */
export type FloatType = 'float32' | 'float64';

export interface ArrayOf {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  int64: BigInt64Array;
  /** 0 or 1 per element. */
  bool: Uint8Array;
  string: readonly string[];
}

/** What arithmetic is defined on. */
export const FLOATS: readonly DType[] = ['float32', 'float64'];
export const NUMBERS: readonly DType[] = [...FLOATS, 'int32', 'int64'];

/** Numbers (or strings) with their type and shape, row-major. */
export type Tensor<D extends DType = DType> = {
  [K in D]: { readonly dtype: K; readonly shape: readonly number[]; readonly data: ArrayOf[K] };
}[D];

/** Number of elements of a static shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** A tensor of any numeric type from plain numbers. */
export function tensorOf(dtype: DType, shape: readonly number[], values: Iterable<number>): Tensor {
  switch (dtype) {
    case 'float32':
      return { dtype, shape, data: Float32Array.from(values) };
    case 'float64':
      return { dtype, shape, data: Float64Array.from(values) };
    case 'int32':
      return { dtype, shape, data: Int32Array.from(values) };
    case 'int64':
      return { dtype, shape, data: BigInt64Array.from(values, BigInt) };
    case 'bool':
      return { dtype, shape, data: Uint8Array.from(values, (value) => (value ? 1 : 0)) };
    case 'string':
      return { dtype, shape, data: Array.from(values, String) };
  }
}

/** The elements as plain numbers. Throws for strings. */
export function toNumbers(tensor: Tensor): number[] {
  if (tensor.dtype === 'string') throw new TypeError('a tensor of strings holds no numbers');
  return Array.from<number | bigint, number>(tensor.data, Number);
}

/** True for the two floating types. */
export function isFloat(dtype: DType): dtype is FloatType {
  return dtype === 'float32' || dtype === 'float64';
}
