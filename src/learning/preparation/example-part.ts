import { type EncodedExamples, type InputShape } from '../features/encoded-examples';
import { categoryIds } from '../features/encode';
import {
  type CategoricalEncoder,
  type FeatureMap,
  inputShape,
  type NumericEncoder,
  UNKNOWN_CATEGORY_ID,
} from '../features/feature-map';
import { elapsedSeconds } from '../features/moment';
import { columnsOfFeature, columnsOfField, writeFeature, writeField } from '../features/numeric-encoding';
import { type RawExamples, type RawSequences } from '../features/raw-examples';
import { type CodedColumn, type EventColumns, type ExampleColumns } from './example-columns';
import { type PreparedPart } from './prepared-examples';

/** A part of the examples, read straight from the columns; encoding equals `encode` of `readRaw`. */
export class ExamplePart implements PreparedPart {
  readonly count: number;
  readonly shape: InputShape;
  readonly labels_N: Float32Array;
  private readonly idTables: readonly Int32Array[];
  private readonly eventIdTables: readonly Int32Array[];

  /** @param rows the part's examples, by their row in the columns */
  constructor(
    private readonly columns: ExampleColumns,
    private readonly map: FeatureMap,
    private readonly rows: Int32Array,
  ) {
    this.count = rows.length;
    this.shape = inputShape(map);
    this.labels_N = Float32Array.from(rows, (row) => columns.labels[row] ?? NaN);
    this.idTables = idTables(map.categorical, columns.categorical);
    this.eventIdTables = idTables(map.sequence?.categorical ?? [], columns.events?.categorical ?? []);
  }

  ids(): string[] {
    return Array.from(this.rows, (row) => this.columns.ids[row] ?? '');
  }

  read(indices: Int32Array): Promise<EncodedExamples & { readonly labels_N: Float32Array }> {
    const rows = this.rowsAt(indices);
    const { columns, map } = this;
    const count = rows.length;
    const width = this.shape.numericWidth;
    const numeric_NF = new Float32Array(count * width);
    let first = 0;
    map.numeric.forEach((encoder, f) => {
      const values = columns.numeric[f] ?? EMPTY;
      rows.forEach((row, n) => {
        writeFeature(encoder, values[row] ?? NaN, numeric_NF, n * width + first);
      });
      first += columnsOfFeature(encoder);
    });
    const categorical_NC = new Int32Array(count * map.categorical.length);
    columns.categorical.forEach(({ codes }, c) => {
      const ids = this.idTables[c] ?? NO_IDS;
      rows.forEach((row, n) => {
        categorical_NC[n * map.categorical.length + c] = ids[codes[row] ?? 0] ?? UNKNOWN_CATEGORY_ID;
      });
    });
    const encoded = {
      count,
      numeric_NF,
      categorical_NC,
      labels_N: Float32Array.from(rows, (row) => columns.labels[row] ?? NaN),
    };
    return Promise.resolve(
      map.sequence && columns.events
        ? { ...encoded, sequence: this.readSequence(map.sequence, columns.events, rows) }
        : encoded,
    );
  }

  readRaw(indices: Int32Array): Promise<RawExamples> {
    const rows = this.rowsAt(indices);
    const { columns, map } = this;
    const raw = {
      count: rows.length,
      numeric: byName(map.numeric, (f) => {
        const values = columns.numeric[f] ?? EMPTY;
        return Float32Array.from(rows, (row) => values[row] ?? NaN);
      }),
      categorical: byName(map.categorical, (c) => {
        const column = columns.categorical[c];
        return Array.from(rows, (row) => categoryAt(column, row));
      }),
    };
    return Promise.resolve(
      columns.events ? { ...raw, sequence: this.readRawSequence(columns.events, rows) } : raw,
    );
  }

  private readSequence(
    map: NonNullable<FeatureMap['sequence']>,
    events: EventColumns,
    rows: Int32Array,
  ): NonNullable<EncodedExamples['sequence']> {
    const { maxLength } = map;
    const width = this.shape.sequence?.numericWidth ?? 0;
    const columns = map.categorical.length;
    const numeric_NTS = new Float32Array(rows.length * maxLength * width);
    const categorical_NTK = new Int32Array(rows.length * maxLength * columns);
    let first = 0;
    map.numeric.forEach((encoder, s) => {
      this.eachEvent(events, rows, (event, step, at) => {
        writeField(encoder, eventValue(events, s, event, at), numeric_NTS, step * width + first);
      });
      first += columnsOfField(encoder);
    });
    events.categorical.forEach(({ codes }, k) => {
      const ids = this.eventIdTables[k] ?? NO_IDS;
      this.eachEvent(events, rows, (event, step) => {
        categorical_NTK[step * columns + k] = ids[codes[event] ?? 0] ?? UNKNOWN_CATEGORY_ID;
      });
    });
    return { numeric_NTS, categorical_NTK, lengths_N: lengthsOf(events, rows) };
  }

  private readRawSequence(events: EventColumns, rows: Int32Array): RawSequences {
    const { maxLength } = events;
    const encoders: { numeric: readonly NumericEncoder[]; categorical: readonly CategoricalEncoder[] } = this
      .map.sequence ?? { numeric: [], categorical: [] };
    return {
      maxLength,
      lengths: lengthsOf(events, rows),
      numeric: byName(encoders.numeric, (s) => {
        const values = new Float32Array(rows.length * maxLength).fill(NaN);
        this.eachEvent(events, rows, (event, step, at) => {
          values[step] = eventValue(events, s, event, at);
        });
        return values;
      }),
      categorical: byName(encoders.categorical, (k) => {
        const values = new Array<string>(rows.length * maxLength).fill('');
        this.eachEvent(events, rows, (event, step) => {
          values[step] = categoryAt(events.categorical[k], event);
        });
        return values;
      }),
    };
  }

  /** Visits the events of all rows' histories; `step` is the position in [N, T], `at` the example's moment. */
  private eachEvent(
    events: EventColumns,
    rows: Int32Array,
    visit: (event: number, step: number, at: number) => void,
  ): void {
    rows.forEach((row, n) => {
      const length = events.lengths[row] ?? 0;
      const first = (events.ends[row] ?? 0) - length;
      const at = this.columns.at?.[row] ?? NaN;
      for (let t = 0; t < length; t++) visit(first + t, n * events.maxLength + t, at);
    });
  }

  private rowsAt(indices: Int32Array): Int32Array {
    return indices.map((index) => {
      const row = this.rows[index];
      if (row == null) throw new RangeError(`example ${index} of ${this.count}`);
      return row;
    });
  }
}

const EMPTY = new Float32Array();
const NO_IDS = new Int32Array();

/** Per column, from dictionary code to category id. */
function idTables(
  encoders: readonly CategoricalEncoder[],
  columns: readonly CodedColumn[],
): readonly Int32Array[] {
  return encoders.map((encoder, c) => {
    const ids = categoryIds(encoder);
    return Int32Array.from(
      columns[c]?.dictionary ?? [],
      (category) => ids.get(category) ?? UNKNOWN_CATEGORY_ID,
    );
  });
}

function eventValue(events: EventColumns, field: number, event: number, at: number): number {
  const values = events.numeric[field];
  // Elapsed time passes through float32 as in the artifact's input.
  return values ? (values[event] ?? NaN) : Math.fround(elapsedSeconds(events.at?.[event] ?? NaN, at));
}

function categoryAt(column: CodedColumn | undefined, row: number): string {
  return column?.dictionary[column.codes[row] ?? 0] ?? '';
}

function lengthsOf(events: EventColumns, rows: Int32Array): Int32Array {
  return rows.map((row) => events.lengths[row] ?? 0);
}

function byName<T>(
  encoders: ReadonlyArray<{ readonly name: string }>,
  valuesOf: (index: number) => T,
): Record<string, T> {
  return Object.fromEntries(encoders.map((encoder, index) => [encoder.name, valuesOf(index)]));
}
