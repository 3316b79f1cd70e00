import { type EncodedExamples } from './encoded-examples';
import {
  type CategoricalEncoder,
  type FeatureMap,
  FIRST_CATEGORY_ID,
  type NumericEncoder,
  UNKNOWN_CATEGORY_ID,
} from './feature-map';
import { type RawExamples, type RawSequences } from './raw-examples';

/**
 * Applies a fitted feature map. The reference implementation: the artifact's preprocessing must equal it.
 *
 * Numeric columns per feature in spec order: [normalized value, 1 if missing else 0], or [sin, cos] for cyclic
 * features (0, 0 when missing). Categorical columns, sequence numeric and sequence categorical fields in spec order;
 * positions at and after an example's length are 0.
 */
export function encode(map: FeatureMap, raw: RawExamples): EncodedExamples {
  const { count } = raw;
  const width = map.numeric.length * 2;
  const numeric_NF = new Float32Array(count * width);
  map.numeric.forEach((encoder, f) => {
    const values = column(raw.numeric, encoder.name);
    for (let n = 0; n < count; n++) writePair(encoder, values[n] ?? NaN, numeric_NF, n * width + f * 2);
  });

  const columns = map.categorical.length;
  const categorical_NC = new Int32Array(count * columns);
  map.categorical.forEach((encoder, c) => {
    const ids = categoryIds(encoder);
    const values = column(raw.categorical, encoder.name);
    for (let n = 0; n < count; n++)
      categorical_NC[n * columns + c] = ids.get(values[n] ?? '') ?? UNKNOWN_CATEGORY_ID;
  });

  const encoded = { count, numeric_NF, categorical_NC };
  return map.sequence
    ? { ...encoded, sequence: encodeSequence(map.sequence, count, column(raw, 'sequence')) }
    : encoded;
}

function encodeSequence(
  map: NonNullable<FeatureMap['sequence']>,
  count: number,
  raw: RawSequences,
): NonNullable<EncodedExamples['sequence']> {
  const { maxLength } = map;
  const fieldCount = map.numeric.length;
  const columns = map.categorical.length;
  const numeric_NTS = new Float32Array(count * maxLength * fieldCount);
  const categorical_NTK = new Int32Array(count * maxLength * columns);
  const lengths_N = Int32Array.from(raw.lengths);

  map.numeric.forEach((encoder, s) => {
    const values = column(raw.numeric, encoder.name);
    for (let n = 0; n < count; n++) {
      const first = n * maxLength;
      const end = first + (lengths_N[n] ?? 0);
      for (let step = first; step < end; step++)
        numeric_NTS[step * fieldCount + s] = normalize(encoder, values[step] ?? NaN);
    }
  });
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
  return { numeric_NTS, categorical_NTK, lengths_N };
}

/** Transform, impute, clip, standardize; `NaN` is missing. */
export function normalize(encoder: NumericEncoder, value: number): number {
  const transformed = Number.isNaN(value) ? encoder.median : transform(encoder.transform, value);
  const clipped = Math.min(Math.max(transformed, encoder.low), encoder.high);
  return (clipped - encoder.mean) / encoder.std;
}

/** `log1p` keeps the sign: sign(x)·ln(1+|x|). */
export function transform(kind: NumericEncoder['transform'], value: number): number {
  return kind === 'identity' ? value : Math.sign(value) * Math.log1p(Math.abs(value));
}

/** The two encoded columns of one static feature, written at `offset` and `offset + 1`. */
export function writePair(
  encoder: FeatureMap['numeric'][number],
  value: number,
  into: Float32Array,
  offset: number,
): void {
  if (encoder.type === 'numeric') {
    into[offset] = normalize(encoder, value);
    into[offset + 1] = Number.isNaN(value) ? 1 : 0;
  } else if (!Number.isNaN(value)) {
    const angle = (2 * Math.PI * value) / encoder.period;
    into[offset] = Math.sin(angle);
    into[offset + 1] = Math.cos(angle);
  }
}

/** From category to id; what is not in here has the unknown id. */
export function categoryIds(encoder: CategoricalEncoder): ReadonlyMap<string, number> {
  return new Map(encoder.vocabulary.map((category, index) => [category, index + FIRST_CATEGORY_ID]));
}

/** A column that the spec promises; its absence is a defect of the caller. */
function column<T extends object, K extends keyof T>(from: T, name: K): NonNullable<T[K]> {
  const found = from[name];
  if (found == null) throw new Error(`the raw examples lack ${String(name)}`);
  return found;
}
