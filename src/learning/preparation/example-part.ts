import { isCompound } from '../features/compound';
import { type EncodedExamples, type InputShape } from '../features/encoded-examples';
import { categoryIds } from '../features/encode';
import {
  type CategoricalEncoder,
  type FeatureMap,
  inputShape,
  UNKNOWN_CATEGORY_ID,
} from '../features/feature-map';
import { elapsedSeconds } from '../features/moment';
import { columnsOfFeature, columnsOfField, writeFeature, writeFields } from '../features/numeric-encoding';
import { type RawExamples } from '../features/raw-examples';
import { type Visit } from './compound-raw';
import { CompoundRows } from './compound-rows';
import { type EventColumns, type ExampleColumns } from './example-columns';
import { type MomentSpan, type PreparedPart } from './prepared-examples';
import { eachEvent, RawRows, visitExamples } from './raw-rows';
import { type ExampleStore, type ExampleTraits } from './store/example-store';

/** A part of the examples, read straight from their store; encoding equals `encode` of `readRaw`. */
export class ExamplePart implements PreparedPart {
  readonly count: number;
  readonly shape: InputShape;
  readonly labels_N: Float32Array;
  readonly entities_N: Int32Array | null;
  readonly span: MomentSpan | null;
  private readonly idTables: readonly Int32Array[];
  private readonly eventIdTables: readonly Int32Array[];
  private readonly compound: CompoundRows;
  private readonly eventCompound: CompoundRows;
  private readonly raw: RawRows;

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
    this.raw = new RawRows(store, map.spec);
    const { entities } = store;
    this.entities_N = entities && rows.map((row) => entities[row] ?? 0);
    this.span = spanOf(store, rows);
    this.idTables = idTables(map.categorical, files.exampleValues.dictionaries);
    this.eventIdTables = idTables(map.sequence?.categorical ?? [], files.eventValues.dictionaries);
    this.compound = new CompoundRows(
      map.spec.features.filter((feature) => isCompound(feature)),
      files.exampleValues.cellDictionaries,
      map.compound,
    );
    this.eventCompound = new CompoundRows(
      (map.spec.sequence?.fields ?? []).filter((field) => isCompound(field)),
      files.eventValues.cellDictionaries,
      map.sequence?.compound,
    );
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
    const visit = visitExamples(columns);
    this.compound.encodeNumbers(columns.compound, visit, { into: numeric_NF, width, first });
    const idWidth = this.shape.cardinalities.length;
    const categorical_NC = new Int32Array(count * idWidth);
    columns.categorical.forEach(({ codes }, c) => {
      const ids = this.idTables[c] ?? NO_IDS;
      for (let n = 0; n < count; n++)
        categorical_NC[n * idWidth + c] = ids[codes[n] ?? 0] ?? UNKNOWN_CATEGORY_ID;
    });
    this.compound.encodeBags(columns.compound, visit, {
      into: categorical_NC,
      width: idWidth,
      first: map.categorical.length,
    });
    const encoded = { count, numeric_NF, categorical_NC, labels_N: columns.labels };
    return map.sequence && columns.events
      ? { ...encoded, sequence: this.readSequence(map.sequence, columns.events, columns) }
      : encoded;
  }

  readRaw(indices: Int32Array): Promise<RawExamples> {
    return this.raw.read(this.rowsAt(indices));
  }

  private readSequence(
    map: NonNullable<FeatureMap['sequence']>,
    events: EventColumns,
    examples: ExampleColumns,
  ): NonNullable<EncodedExamples['sequence']> {
    const { maxLength } = map;
    const width = this.shape.sequence?.numericWidth ?? 0;
    const columns = this.shape.sequence?.cardinalities.length ?? 0;
    const numeric_NTS = new Float32Array(examples.count * maxLength * width);
    const categorical_NTK = new Int32Array(examples.count * maxLength * columns);
    let first = 0;
    const steps = stepsOf(events);
    map.numeric.forEach((encoder, s) => {
      const values = events.numeric[s] ?? elapsedOf(events, examples);
      writeFields(encoder, values, steps, { into: numeric_NTS, width, first });
      first += columnsOfField(encoder);
    });
    events.categorical.forEach(({ codes }, k) => {
      const ids = this.eventIdTables[k] ?? NO_IDS;
      for (let event = 0; event < steps.length; event++)
        categorical_NTK[(steps[event] ?? 0) * columns + k] = ids[codes[event] ?? 0] ?? UNKNOWN_CATEGORY_ID;
    });
    const visit: Visit = (each) => {
      eachEvent(events, examples, each);
    };
    this.eventCompound.encodeNumbers(events.compound, visit, { into: numeric_NTS, width, first });
    this.eventCompound.encodeBags(events.compound, visit, {
      into: categorical_NTK,
      width: columns,
      first: map.categorical.length,
    });
    return { numeric_NTS, categorical_NTK, lengths_N: events.lengths };
  }

  private rowsAt(indices: Int32Array): Int32Array {
    return indices.map((index) => {
      const row = this.rows[index];
      if (row == null) throw new RangeError(`example ${index} of ${this.count}`);
      return row;
    });
  }
}

function spanOf({ at, labelUntil }: ExampleTraits, rows: Int32Array): MomentSpan | null {
  if (!at || rows.length === 0) return null;
  let [from, until] = [Infinity, -Infinity];
  for (const row of rows) {
    const own = at[row] ?? NaN;
    from = Math.min(from, own);
    until = Math.max(until, labelUntil?.[row] ?? own);
  }
  return { from, until };
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

/** Of each event of the histories, one after the other, the position in [N, T]. */
function stepsOf({ ends, lengths, maxLength }: EventColumns): Int32Array {
  const steps = new Int32Array(ends.at(-1) ?? 0);
  for (let n = 0, event = 0; n < lengths.length; n++) {
    const end = ends[n] ?? 0;
    for (let step = n * maxLength; event < end; event++, step++) steps[event] = step;
  }
  return steps;
}

/** Per event, in single precision as in the artifact's input. */
function elapsedOf({ at: moments, ends }: EventColumns, { at }: ExampleColumns): Float32Array {
  const values = new Float32Array(moments?.length ?? 0);
  for (let n = 0, event = 0; n < ends.length; n++) {
    const end = ends[n] ?? 0;
    const own = at?.[n] ?? NaN;
    for (; event < end; event++) values[event] = elapsedSeconds(moments?.[event] ?? NaN, own);
  }
  return values;
}
