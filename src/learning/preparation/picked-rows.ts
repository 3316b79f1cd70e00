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

/** Copies one column of the picked rows. The queries leave no NULL in numeric columns. */
export function copyNumbers(
  { chunk, rows, count }: PickedRows,
  column: number,
  into: WritableNumbers,
  { first, stride }: { first: number; stride: number } = { first: 0, stride: 1 },
): void {
  const values = numbersIn(chunk, column);
  for (let index = 0, at = first; index < count; index++, at += stride)
    into[at] = values[rows[index] ?? 0] ?? NaN;
}

/** A numeric column as DuckDB has it in memory; asking for value after value takes ten times as long. */
function numbersIn(chunk: DuckDBDataChunk, column: number): ArrayLike<number> {
  const vector: object = chunk.getColumnVector(column);
  const items = 'items' in vector ? vector.items : null;
  if (items instanceof Float64Array || items instanceof Float32Array || items instanceof Int32Array)
    return items;
  throw new TypeError(`column ${column} of the result holds no numbers`);
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
