import { type CodedColumn } from './example-columns';

/** Vectors, one after another; of numbers that are `NaN` where one is missing. */
export interface VectorColumn {
  readonly dimension: number;
  readonly vectors: Float32Array;
}

/** Milliseconds since 1970, `NaN` where missing. */
export interface MomentColumn {
  readonly ms: Float64Array;
}

/** What the cells of a compound feature hold, row by row. Of bags the texts, which are parsed when they are encoded. */
export type CompoundColumn = CodedColumn | VectorColumn | MomentColumn;

export const isCoded = (column: CompoundColumn): column is CodedColumn => 'dictionary' in column;

/** What a row of numbers holds, as its kind takes it. */
export function contentAt(column: VectorColumn | MomentColumn, row: number): number | Float32Array {
  if ('ms' in column) return column.ms[row] ?? NaN;
  const { dimension, vectors } = column;
  return vectors.subarray(row * dimension, (row + 1) * dimension);
}
