import { type DuckDBDataChunk } from '@duckdb/node-api';
import { type SequenceField, type StaticFeature } from '../features/feature-spec';
import { type CodedColumn } from './example-columns';
import { type ResultLayout } from './result-layout';

/** Some rows of a chunk: the first `count` of `rows`. */
export interface PickedRows {
  readonly chunk: DuckDBDataChunk;
  readonly rows: Int32Array;
  readonly count: number;
}

interface WritableNumbers {
  [index: number]: number;
}

/** The values of some features for many rows, in typed arrays that are filled chunk by chunk. */
export class ValueStore {
  private readonly numericColumns: Array<{ column: number; values: Float32Array } | null>;
  private readonly codeColumns: Array<{ column: number; codes: Int32Array; dictionary: readonly string[] }>;

  /** @param capacity the most rows that will come */
  constructor(
    features: ReadonlyArray<StaticFeature | SequenceField>,
    layout: ResultLayout,
    capacity: number,
  ) {
    this.numericColumns = features
      .filter((feature) => feature.type !== 'categorical')
      .map((feature) =>
        feature.type === 'numeric'
          ? { column: layout.numericColumn(feature), values: new Float32Array(capacity) }
          : null,
      );
    this.codeColumns = features
      .filter((feature) => feature.type === 'categorical')
      .map((feature) => ({
        column: layout.codeColumn(feature),
        codes: new Int32Array(capacity),
        dictionary: layout.dictionaryOf(feature),
      }));
  }

  /** Appends rows at `offset`. */
  copy(picked: PickedRows, offset: number): void {
    for (const numeric of this.numericColumns)
      if (numeric) copyNumbers(picked, numeric.column, numeric.values, offset);
    for (const { column, codes } of this.codeColumns) copyNumbers(picked, column, codes, offset);
  }

  /** Per feature that is not categorical, the first `count` values; `null` for those that are computed from moments. */
  numeric(count: number): Array<Float32Array | null> {
    return this.numericColumns.map((column) => column?.values.subarray(0, count) ?? null);
  }

  categorical(count: number): CodedColumn[] {
    return this.codeColumns.map(({ codes, dictionary }) => ({ codes: codes.subarray(0, count), dictionary }));
  }
}

/** Copies one column of the picked rows. The queries leave no NULL in numeric columns. */
export function copyNumbers(
  { chunk, rows, count }: PickedRows,
  column: number,
  into: WritableNumbers,
  offset = 0,
): void {
  const vector = chunk.getColumnVector(column);
  for (let index = 0; index < count; index++) {
    const value = vector.getItem(rows[index] ?? 0);
    into[offset + index] = typeof value === 'number' ? value : NaN;
  }
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
