import { type CategoricalEncoder, FEATURE_MAP_VERSION, type FeatureMap } from '../features/feature-map';
import { type FeatureSpec } from '../features/feature-spec';
import { CYCLE_PERIOD, elapsedSeconds } from '../features/moment';
import { fitNumeric } from './fit-numeric';
import { type CodedColumn, type EventColumns, type ExampleColumns } from './example-columns';

/** Enough values for a quantile; more are thinned out evenly. */
const MAX_FIT_VALUES = 1_000_000;
/** The unknown bucket needs examples to learn from: categories that are rarer than this share fall into it. */
const RARE_CATEGORY_SHARE = 1 / 1000;
const MAX_RARE_COUNT = 5;

/**
 * Fits normalization and vocabularies on the training part and nothing else: on the rows in `train`, and on the events
 * that at least one of their histories holds, each counted once.
 */
export function fitFeatureMap(spec: FeatureSpec, columns: ExampleColumns, train: Int32Array): FeatureMap {
  const valueFeatures = spec.features.filter((feature) => feature.type !== 'categorical');
  const categoricalFeatures = spec.features.filter((feature) => feature.type === 'categorical');
  const map: FeatureMap = {
    version: FEATURE_MAP_VERSION,
    spec,
    numeric: valueFeatures.map((feature, f) =>
      feature.type === 'cyclic'
        ? { type: 'cyclic', name: feature.name, period: CYCLE_PERIOD[feature.part] }
        : fitNumeric(feature, valuesAt(columns.numeric[f], train)),
    ),
    categorical: categoricalFeatures.map((feature, c) =>
      fitVocabulary(feature, columns.categorical[c], train),
    ),
  };
  if (!spec.sequence || !columns.events) return map;
  return { ...map, sequence: fitSequence(spec.sequence, columns, columns.events, train) };
}

function fitSequence(
  spec: NonNullable<FeatureSpec['sequence']>,
  columns: ExampleColumns,
  events: EventColumns,
  train: Int32Array,
): NonNullable<FeatureMap['sequence']> {
  const seen = eventsSeen(events, train);
  const valueFields = spec.fields.filter((field) => field.type !== 'categorical');
  const categoricalFields = spec.fields.filter((field) => field.type === 'categorical');
  return {
    maxLength: spec.maxLength,
    numeric: valueFields.map((field, s) =>
      field.type === 'elapsed'
        ? fitNumeric(
            { ...field, transform: 'log1p', encoding: 'standard' },
            elapsedAt(columns, events, train),
          )
        : fitNumeric(field, valuesAt(events.numeric[s] ?? undefined, seen)),
    ),
    categorical: categoricalFields.map((field, k) => fitVocabulary(field, events.categorical[k], seen)),
  };
}

/** The most frequent categories, ties by text, so that the same data gives the same vocabulary. */
function fitVocabulary(
  field: { readonly name: string; readonly maxVocabulary: number },
  column: CodedColumn | undefined,
  rows: Int32Array,
): CategoricalEncoder {
  if (!column) throw new Error(`no column for ${field.name}`);
  const { codes, dictionary } = column;
  const counts = new Int32Array(dictionary.length);
  for (const row of rows) {
    const code = codes[row] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  const enough = Math.min(Math.max(Math.round(rows.length * RARE_CATEGORY_SHARE), 1), MAX_RARE_COUNT);
  const vocabulary = dictionary
    .map((category, code) => ({ category, count: code === 0 ? 0 : (counts[code] ?? 0) }))
    .filter(({ count }) => count >= enough)
    .sort((a, b) => b.count - a.count || (a.category < b.category ? -1 : 1))
    .slice(0, field.maxVocabulary)
    .map(({ category }) => category);
  return { name: field.name, vocabulary };
}

function valuesAt(column: Float32Array | undefined, rows: Int32Array): Float32Array {
  if (!column) throw new Error('a numeric feature has no column');
  const stride = Math.max(1, Math.ceil(rows.length / MAX_FIT_VALUES));
  const values = new Float32Array(Math.ceil(rows.length / stride));
  for (let index = 0; index < values.length; index++)
    values[index] = column[rows[index * stride] ?? 0] ?? NaN;
  return values;
}

/** Seconds from event to moment, for every pair of a training example and an event in its history. */
function elapsedAt(columns: ExampleColumns, events: EventColumns, train: Int32Array): Float32Array {
  let pairs = 0;
  for (const row of train) pairs += events.lengths[row] ?? 0;
  const stride = Math.max(1, Math.ceil(pairs / MAX_FIT_VALUES));
  const values = new Float32Array(Math.ceil(pairs / stride));
  let pair = 0;
  for (const row of train) {
    const end = events.ends[row] ?? 0;
    for (let event = end - (events.lengths[row] ?? 0); event < end; event++, pair++)
      if (pair % stride === 0)
        values[pair / stride] = elapsedSeconds(events.at?.[event] ?? NaN, columns.at?.[row] ?? NaN);
  }
  return values;
}

/** The events in at least one history of these examples, ascending. */
function eventsSeen(events: EventColumns, rows: Int32Array): Int32Array {
  const seen = new Uint8Array(events.count);
  for (const row of rows) {
    const end = events.ends[row] ?? 0;
    seen.fill(1, end - (events.lengths[row] ?? 0), end);
  }
  let count = 0;
  for (const flag of seen) count += flag;
  const result = new Int32Array(count);
  let next = 0;
  seen.forEach((flag, event) => {
    if (flag) result[next++] = event;
  });
  return result;
}
