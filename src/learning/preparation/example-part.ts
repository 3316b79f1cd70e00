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
import { type ExampleStore } from './store/example-store';

/** A part of the examples, read straight from their store; encoding equals `encode` of `readRaw`. */
export class ExamplePart implements PreparedPart {
  readonly count: number;
  readonly shape: InputShape;
  readonly labels_N: Float32Array;
  private readonly idTables: readonly Int32Array[];
  private readonly eventIdTables: readonly Int32Array[];

  /** @param rows the part's examples, by their row in the store */
  constructor(
    private readonly store: ExampleStore,
    private readonly map: FeatureMap,
    private readonly rows: Int32Array,
  ) {
    const { files } = store;
    this.count = rows.length;
    this.shape = inputShape(map);
    this.labels_N = new Float32Array(rows.length);
    rows.forEach((row, n) => (this.labels_N[n] = store.labels[row] ?? NaN));
    this.idTables = idTables(map.categorical, files.exampleValues.dictionaries);
    this.eventIdTables = idTables(map.sequence?.categorical ?? [], files.eventValues.dictionaries);
  }

  ids(): string[] {
    return this.store.idsOf(this.rows);
  }

  async read(indices: Int32Array): Promise<EncodedExamples & { readonly labels_N: Float32Array }> {
    const columns = await this.store.select(this.rowsAt(indices));
    const { map } = this;
    const { count } = columns;
    const width = this.shape.numericWidth;
    const numeric_NF = new Float32Array(count * width);
    let first = 0;
    map.numeric.forEach((encoder, f) => {
      const values = columns.numeric[f] ?? EMPTY;
      for (let n = 0; n < count; n++) writeFeature(encoder, values[n] ?? NaN, numeric_NF, n * width + first);
      first += columnsOfFeature(encoder);
    });
    const categorical_NC = new Int32Array(count * map.categorical.length);
    columns.categorical.forEach(({ codes }, c) => {
      const ids = this.idTables[c] ?? NO_IDS;
      for (let n = 0; n < count; n++)
        categorical_NC[n * map.categorical.length + c] = ids[codes[n] ?? 0] ?? UNKNOWN_CATEGORY_ID;
    });
    const encoded = { count, numeric_NF, categorical_NC, labels_N: columns.labels };
    return map.sequence && columns.events
      ? { ...encoded, sequence: this.readSequence(map.sequence, columns.events, columns) }
      : encoded;
  }

  async readRaw(indices: Int32Array): Promise<RawExamples> {
    const columns = await this.store.select(this.rowsAt(indices));
    const raw = {
      count: columns.count,
      numeric: byName(this.map.numeric, (f) => columns.numeric[f] ?? EMPTY),
      categorical: byName(this.map.categorical, (c) => {
        const column = columns.categorical[c];
        return Array.from({ length: columns.count }, (_, row) => categoryAt(column, row));
      }),
    };
    return columns.events ? { ...raw, sequence: this.readRawSequence(columns.events, columns) } : raw;
  }

  private readSequence(
    map: NonNullable<FeatureMap['sequence']>,
    events: EventColumns,
    examples: ExampleColumns,
  ): NonNullable<EncodedExamples['sequence']> {
    const { maxLength } = map;
    const width = this.shape.sequence?.numericWidth ?? 0;
    const columns = map.categorical.length;
    const numeric_NTS = new Float32Array(examples.count * maxLength * width);
    const categorical_NTK = new Int32Array(examples.count * maxLength * columns);
    let first = 0;
    map.numeric.forEach((encoder, s) => {
      eachEvent(events, examples, (event, step, at) => {
        writeField(encoder, eventValue(events, s, event, at), numeric_NTS, step * width + first);
      });
      first += columnsOfField(encoder);
    });
    events.categorical.forEach(({ codes }, k) => {
      const ids = this.eventIdTables[k] ?? NO_IDS;
      eachEvent(events, examples, (event, step) => {
        categorical_NTK[step * columns + k] = ids[codes[event] ?? 0] ?? UNKNOWN_CATEGORY_ID;
      });
    });
    return { numeric_NTS, categorical_NTK, lengths_N: events.lengths };
  }

  private readRawSequence(events: EventColumns, examples: ExampleColumns): RawSequences {
    const { maxLength } = events;
    const encoders: { numeric: readonly NumericEncoder[]; categorical: readonly CategoricalEncoder[] } = this
      .map.sequence ?? { numeric: [], categorical: [] };
    return {
      maxLength,
      lengths: events.lengths,
      numeric: byName(encoders.numeric, (s) => {
        const values = new Float32Array(examples.count * maxLength).fill(NaN);
        eachEvent(events, examples, (event, step, at) => {
          values[step] = eventValue(events, s, event, at);
        });
        return values;
      }),
      categorical: byName(encoders.categorical, (k) => {
        const values = new Array<string>(examples.count * maxLength).fill('');
        eachEvent(events, examples, (event, step) => {
          values[step] = categoryAt(events.categorical[k], event);
        });
        return values;
      }),
    };
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
  dictionaries: ReadonlyArray<readonly string[]>,
): readonly Int32Array[] {
  return encoders.map((encoder, c) => {
    const ids = categoryIds(encoder);
    return Int32Array.from(dictionaries[c] ?? [], (category) => ids.get(category) ?? UNKNOWN_CATEGORY_ID);
  });
}

/** Visits the events of all histories; `step` is the position in [N, T], `at` the example's moment. */
function eachEvent(
  events: EventColumns,
  examples: ExampleColumns,
  visit: (event: number, step: number, at: number) => void,
): void {
  for (let n = 0; n < examples.count; n++) {
    const length = events.lengths[n] ?? 0;
    const first = (events.ends[n] ?? 0) - length;
    const at = examples.at?.[n] ?? NaN;
    for (let t = 0; t < length; t++) visit(first + t, n * events.maxLength + t, at);
  }
}

function eventValue(events: EventColumns, field: number, event: number, at: number): number {
  const values = events.numeric[field];
  // Elapsed time passes through float32 as in the artifact's input.
  return values ? (values[event] ?? NaN) : Math.fround(elapsedSeconds(events.at?.[event] ?? NaN, at));
}

function categoryAt(column: CodedColumn | undefined, row: number): string {
  return column?.dictionary[column.codes[row] ?? 0] ?? '';
}

function byName<T>(
  encoders: ReadonlyArray<{ readonly name: string }>,
  valuesOf: (index: number) => T,
): Record<string, T> {
  return Object.fromEntries(encoders.map((encoder, index) => [encoder.name, valuesOf(index)]));
}
