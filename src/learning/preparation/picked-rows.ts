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
  const numbers = numbersIn(vector);
  if (!numbers) {
    for (let index = 0, at = first; index < count; index++, at += stride) {
      const value: unknown = vector.getItem(rows[index] ?? 0);
      into[at] = typeof value === 'number' ? value : NaN;
    }
    return;
  }
  const { items, valid } = numbers;
  for (let index = 0, at = first; index < count; index++, at += stride) {
    const row = rows[index] ?? 0;
    const isGiven = !valid || (((valid[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;
    into[at] = isGiven ? (items[row] ?? NaN) : NaN;
  }
}

interface Numbers {
  readonly items: ArrayLike<number>;
  /** A bit for each item; null where none is NULL. */
  readonly valid: Uint8Array | null;
}

/**
 * Numbers as DuckDB has them in memory: asking for value after value takes ten times as long. Null where the library
 * does not show them.
 */
function numbersIn(vector: object): Numbers | null {
  const items = 'items' in vector ? vector.items : null;
  const validity = 'validity' in vector ? vector.validity : null;
  if (!isNumbers(items)) return null;
  if (typeof validity !== 'object' || validity === null || !('data' in validity)) return null;
  const { data } = validity;
  if (data === null) return { items, valid: null };
  if (!(data instanceof BigUint64Array)) return null;
  return { items, valid: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

const isNumbers = (items: unknown): items is ArrayLike<number> =>
  items instanceof Float64Array ||
  items instanceof Float32Array ||
  items instanceof Int32Array ||
  items instanceof Int8Array ||
  items instanceof Uint8Array ||
  items instanceof Uint16Array;

/** The id column's value of one row, or its line where there is none. */
export function idOf(chunk: DuckDBDataChunk, column: number, row: number, line: number): string {
  const id = chunk.getColumnVector(column).getItem(row);
  return typeof id === 'string' && id !== '' ? id : String(line);
}

/** 0, 1, 2…: all rows of a chunk. */
export function everyRow(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}
