import { type DuckDBDataChunk } from '@duckdb/node-api';

/** Some rows of a chunk: the first `count` of `rows`. */
export interface PickedRows {
  readonly chunk: DuckDBDataChunk;
  readonly rows: Int32Array;
  readonly count: number;
}

interface WritableNumbers {
  [index: number]: number;
}

/** Rows in a chunk of DuckDB's, at most. */
export const CHUNK_ROWS = 2048;

/** Copies one column of the picked rows; NULL is NaN, or 0 where integers are kept. */
export function copyNumbers(
  { chunk, rows, count }: PickedRows,
  column: number,
  into: WritableNumbers,
  { first, stride }: { first: number; stride: number } = { first: 0, stride: 1 },
): void {
  const vector = chunk.getColumnVector(column);
  const values = numbersIn(vector);
  for (let index = 0, at = first; index < count; index++, at += stride) {
    const row = rows[index] ?? 0;
    const value: unknown = values ? values[row] : vector.getItem(row);
    into[at] = typeof value === 'number' ? value : NaN;
  }
}

const ALL_VALID = 2n ** 64n - 1n;

/**
 * Numbers as DuckDB has them in memory, if none is NULL: asking for value after value takes ten times as long. Null
 * where the library does not show them.
 */
function numbersIn(vector: object): ArrayLike<number> | null {
  const items = 'items' in vector ? vector.items : null;
  const validity = 'validity' in vector ? vector.validity : null;
  if (!(items instanceof Float64Array || items instanceof Float32Array || items instanceof Int32Array))
    return null;
  if (typeof validity !== 'object' || validity === null || !('data' in validity)) return null;
  const { data } = validity;
  if (data === null) return items;
  // A bit for each item; of the last word, those beyond the items mean nothing.
  const isFull = data instanceof BigUint64Array && data.every((word) => word === ALL_VALID);
  return isFull ? items : null;
}

/** The id column's value of one row, or its line where there is none. */
export function idOf(chunk: DuckDBDataChunk, column: number, row: number, line: number): string {
  const id = chunk.getColumnVector(column).getItem(row);
  return typeof id === 'string' && id !== '' ? id : String(line);
}

/** 0, 1, 2…: all rows of a chunk. */
export function everyRow(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}
