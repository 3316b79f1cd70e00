import { cleanNumber } from './cleaning';
import { type FeatureMap, type NumericCode, type NumericEncoder } from './feature-map';

type FeatureEncoder = FeatureMap['numeric'][number];

/** Encoded columns of a static feature: those of its code and one for missing, or two. */
export function columnsOfFeature(encoder: FeatureEncoder): number {
  return encoder.type === 'numeric' && encoder.code ? binsOf(encoder.code) + 1 : 2;
}

/** Encoded columns of a field of events: those of its code and one for missing, or one. */
export function columnsOfField({ code }: NumericEncoder): number {
  return code ? binsOf(code) + 1 : 1;
}

/**
 * Writes the encoded columns of one static feature, from `offset` on: [bin…, missing] of a coded one, else
 * [normalized value, missing] or, of a cyclic one, [sin, cos]. Missing is 1 or 0; bins, sin and cos are 0 then.
 *
 * @param into holds zeros there.
 */
export function writeFeature(encoder: FeatureEncoder, raw: number, into: Float32Array, offset: number): void {
  if (encoder.type === 'cyclic') {
    if (Number.isNaN(raw)) return;
    const angle = (2 * Math.PI * raw) / encoder.period;
    into[offset] = Math.sin(angle);
    into[offset + 1] = Math.cos(angle);
    return;
  }
  const value = cleanNumber(encoder.cleaning, raw);
  if (encoder.code) writeCode(encoder, encoder.code, value, { into, offset });
  else {
    into[offset] = normalize(encoder, value);
    into[offset + 1] = Number.isNaN(value) ? 1 : 0;
  }
}

/**
 * Writes the encoded columns of one field of an event, from `offset` on: [bin…, missing] of a coded one, else
 * [normalized value].
 *
 * @param into holds zeros there.
 */
export function writeField(encoder: NumericEncoder, raw: number, into: Float32Array, offset: number): void {
  const value = cleanNumber(encoder.cleaning, raw);
  if (encoder.code) writeCode(encoder, encoder.code, value, { into, offset });
  else into[offset] = normalize(encoder, value);
}

/**
 * {@link writeField} of a column of values.
 * @param steps the place of each among all steps, of which each has `width` columns
 */
export function writeFields(
  encoder: NumericEncoder,
  values: Float32Array,
  steps: Int32Array,
  { into, width, first }: { readonly into: Float32Array; readonly width: number; readonly first: number },
): void {
  if (encoder.code || encoder.cleaning) {
    for (let at = 0; at < steps.length; at++)
      writeField(encoder, values[at] ?? NaN, into, (steps[at] ?? 0) * width + first);
    return;
  }
  const normalized = normalizeAll(encoder, values);
  for (let at = 0; at < steps.length; at++) into[(steps[at] ?? 0) * width + first] = normalized[at] ?? NaN;
}

/** Transform, impute, clip, standardize; `NaN` is missing. */
export function normalize(encoder: NumericEncoder, value: number): number {
  const transformed = Number.isNaN(value) ? encoder.median : transform(encoder.transform, value);
  const clipped = Math.min(Math.max(transformed, encoder.low), encoder.high);
  return (clipped - encoder.mean) / encoder.std;
}

/** {@link normalize} of each value; what is the same for all is looked up once. */
export function normalizeAll(encoder: NumericEncoder, values: Float32Array): Float64Array {
  const { transform: kind, low, high, mean, std } = encoder;
  const missing = normalize(encoder, NaN);
  const normalized = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? NaN;
    if (Number.isNaN(value)) normalized[at] = missing;
    else normalized[at] = (Math.min(Math.max(transform(kind, value), low), high) - mean) / std;
  }
  return normalized;
}

/** `log1p` keeps the sign: sign(x)·ln(1+|x|). In double precision, as the artifact computes it. */
export function transform(kind: NumericEncoder['transform'], value: number): number {
  return kind === 'identity' ? value : Math.sign(value) * Math.log(1 + Math.abs(value));
}

function binsOf(code: NumericCode): number {
  return code.kind === 'quantileBins' ? code.starts.length : code.edges.length - 1;
}

/**
 * Single precision after each operation, as in the artifact: near an edge, or in a bin that is narrow beside its
 * distance from 0, the last digit decides.
 */
function writeCode(
  encoder: NumericEncoder,
  code: NumericCode,
  value: number,
  { into, offset }: { readonly into: Float32Array; readonly offset: number },
): void {
  if (Number.isNaN(value)) {
    into[offset + binsOf(code)] = 1;
    return;
  }
  if (code.kind === 'quantileBins') {
    const { starts } = code;
    let bin = starts.length - 1;
    while (bin > 0 && value < (starts[bin] ?? 0)) bin--;
    into[offset + bin] = 1;
    return;
  }
  const { edges } = code;
  const x = Math.fround(transform(encoder.transform, value));
  for (let bin = 0; bin + 1 < edges.length; bin++) {
    const low = edges[bin] ?? 0;
    if (x <= low) return;
    const width = Math.fround((edges[bin + 1] ?? 0) - low);
    into[offset + bin] = Math.min(Math.fround(x - low) / width, 1);
  }
}
