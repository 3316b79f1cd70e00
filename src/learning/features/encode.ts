import { categoryCleaner } from './cleaning';
import { encodeBags, encodeNumbers } from './compound/encode-compound';
import { type EncodedExamples } from './encoded-examples';
import {
  type CategoricalEncoder,
  type FeatureMap,
  FIRST_CATEGORY_ID,
  inputShape,
  UNKNOWN_CATEGORY_ID,
} from './feature-map';
import { columnsOfFeature, columnsOfField, writeFeature, writeField } from './numeric-encoding';
import { type RawExamples, type RawSequences } from './raw-examples';

/**
 * Applies a fitted feature map. The reference implementation: the artifact's preprocessing must equal it.
 *
 * Numeric columns per feature in spec order, as `writeFeature` and `writeField` write them; categorical columns, sequence
 * numeric and sequence categorical fields in spec order, too. Behind the numeric columns stand those of compound features
 * that are numbers, behind the categorical ones those that are bags. Positions at and after an example's length are 0.
 */
export function encode(map: FeatureMap, raw: RawExamples): EncodedExamples {
  const { count } = raw;
  const { numericWidth: width, cardinalities } = inputShape(map);
  const rows = Int32Array.from({ length: count }, (_, n) => n);
  const numeric_NF = new Float32Array(count * width);
  let first = 0;
  for (const encoder of map.numeric) {
    const values = column(raw.numeric, encoder.name);
    for (let n = 0; n < count; n++) writeFeature(encoder, values[n] ?? NaN, numeric_NF, n * width + first);
    first += columnsOfFeature(encoder);
  }
  encodeNumbers(map.compound, (name) => column(raw.numeric, name), rows, { into: numeric_NF, width, first });

  const columns = cardinalities.length;
  const categorical_NC = new Int32Array(count * columns);
  map.categorical.forEach((encoder, c) => {
    const ids = categoryIds(encoder);
    const values = column(raw.categorical, encoder.name);
    for (let n = 0; n < count; n++)
      categorical_NC[n * columns + c] = ids.get(values[n] ?? '') ?? UNKNOWN_CATEGORY_ID;
  });
  encodeBags(map.compound, (name) => column(raw.categorical, name), rows, {
    into: categorical_NC,
    width: columns,
    first: map.categorical.length,
  });

  const encoded = { count, numeric_NF, categorical_NC };
  return map.sequence
    ? { ...encoded, sequence: encodeSequence(map, map.sequence, column(raw, 'sequence')) }
    : encoded;
}

function encodeSequence(
  whole: FeatureMap,
  map: NonNullable<FeatureMap['sequence']>,
  raw: RawSequences,
): NonNullable<EncodedExamples['sequence']> {
  const { maxLength } = map;
  const count = raw.lengths.length;
  const { numericWidth: width = 0, cardinalities = [] } = inputShape(whole).sequence ?? {};
  const columns = cardinalities.length;
  const numeric_NTS = new Float32Array(count * maxLength * width);
  const categorical_NTK = new Int32Array(count * maxLength * columns);
  const lengths_N = Int32Array.from(raw.lengths);

  let column0 = 0;
  for (const encoder of map.numeric) {
    const values = column(raw.numeric, encoder.name);
    for (let n = 0; n < count; n++) {
      const first = n * maxLength;
      const end = first + (lengths_N[n] ?? 0);
      for (let step = first; step < end; step++)
        writeField(encoder, values[step] ?? NaN, numeric_NTS, step * width + column0);
    }
    column0 += columnsOfField(encoder);
  }
  map.categorical.forEach((encoder, k) => {
    const ids = categoryIds(encoder);
    const values = column(raw.categorical, encoder.name);
    for (let n = 0; n < count; n++) {
      const first = n * maxLength;
      const end = first + (lengths_N[n] ?? 0);
      for (let step = first; step < end; step++)
        categorical_NTK[step * columns + k] = ids.get(values[step] ?? '') ?? UNKNOWN_CATEGORY_ID;
    }
  });
  const steps = Int32Array.from({ length: count * maxLength }, (_, step) => step).filter(
    (step) => step % maxLength < (lengths_N[Math.floor(step / maxLength)] ?? 0),
  );
  encodeNumbers(map.compound, (name) => column(raw.numeric, name), steps, {
    into: numeric_NTS,
    width,
    first: column0,
  });
  encodeBags(map.compound, (name) => column(raw.categorical, name), steps, {
    into: categorical_NTK,
    width: columns,
    first: map.categorical.length,
  });
  return { numeric_NTS, categorical_NTK, lengths_N };
}

/** From category to id; undefined stands for the unknown id. */
export function categoryIds(encoder: CategoricalEncoder): Pick<ReadonlyMap<string, number>, 'get'> {
  const ids = new Map(encoder.vocabulary.map((category, index) => [category, index + FIRST_CATEGORY_ID]));
  if (!encoder.cleaning) return ids;
  const clean = categoryCleaner(encoder.cleaning);
  return { get: (category) => ids.get(clean(category)) };
}

/** A column that the spec promises; its absence is a defect of the caller. */
function column<T extends object, K extends keyof T>(from: T, name: K): NonNullable<T[K]> {
  const found = from[name];
  if (found == null) throw new Error(`the raw examples lack ${String(name)}`);
  return found;
}
