import { z } from 'zod';
import { cast, concat, isNaN, slice } from '../../../engine/ops';
import { FLOAT32_MAX, isMissingText, isWord, numberOfText } from '../cell-text';
import { vectorCleaning } from '../cleaning';
import { describeValue, Problem } from '../feature-value';
import { columnName, featureName } from '../spec-fields';
import { type NumbersKind } from './compound-kind';
import { numberScale, scaled, scaledValue } from './number-scale';

/** Numbers that belong together, such as the embedding of an image or of a text. */
export const vectorFeature = z.strictObject({
  type: z.literal('vector'),
  name: featureName,
  column: columnName.optional(),
  /** How many numbers; every one that is given has as many. */
  dimension: z.int().min(1).max(4096),
  cleaning: vectorCleaning.optional(),
});

/** Encoded: each number standardized, then 1 if the vector is missing, else 0. */
export const vectorEncoder = z.strictObject({
  type: z.literal('vector'),
  name: z.string().min(1),
  /** One for each number. */
  scales: z.array(numberScale).min(1),
});

export type VectorFeature = z.infer<typeof vectorFeature>;

/** The numbers in a cell, as DuckDB finds them; `NaN` for what is none. */
function numbersOfText(text: string): number[] {
  const texts = text.replace(/^[[\] \t]+|[[\] \t]+$/g, '').split(/[ \t\n\f\r,;|]+/);
  return texts.filter((part) => part !== '').map(numberOfText);
}

function vectorOf(
  values: readonly (number | string)[],
  { dimension, cleaning }: VectorFeature,
): readonly number[] | Problem {
  const isOther = values.length !== dimension;
  if (values.length === 0) return [];
  if (isOther && !cleaning?.otherLengths)
    return new Problem(`must have ${dimension} numbers, not ${values.length}`);
  const numbers: number[] = [];
  for (const number of values) {
    if (typeof number !== 'number' || !(Math.abs(number) <= FLOAT32_MAX))
      return new Problem('holds something that is not a number within ±3.4e38');
    // Both zeros are one number.
    numbers.push(number + 0);
  }
  return isOther ? [] : numbers;
}

/** Of zeros alone, as they are in single precision. */
function isZero(numbers: ArrayLike<number>): boolean {
  for (let i = 0; i < numbers.length; i++) if (Math.fround(numbers[i] ?? NaN) !== 0) return false;
  return true;
}

/** Its content is the numbers; none when it is missing. */
export const vector: NumbersKind<VectorFeature, z.infer<typeof vectorEncoder>, ArrayLike<number>> = {
  holds: 'numbers',
  encoder: vectorEncoder,
  cell: ({ dimension, cleaning: { missing, otherLengths } = {} }) => ({
    type: 'vector',
    dimension,
    ...(missing && { missing }),
    ...(otherLengths && { otherLengths }),
  }),
  width: ({ dimension }) => dimension,
  read: (feature, value) => {
    const { dimension, cleaning } = feature;
    if (typeof value === 'string')
      return isMissingText(value) || isWord(cleaning?.missing, value)
        ? []
        : vectorOf(numbersOfText(value), feature);
    if (typeof value !== 'object' || value instanceof Date)
      return new Problem(`must be a list of ${dimension} numbers or null, not ${describeValue(value)}`);
    return vectorOf(value, feature);
  },
  write: ({ cleaning }, numbers, _at, { into, offset }) => {
    if (cleaning?.zeros && isZero(numbers)) return;
    into.set(numbers, offset);
  },
  fit: ({ name }, sample, fitScale) => ({
    type: 'vector',
    name,
    scales: sample.map((values) => fitScale(values, 'identity')),
  }),
  encodedWidth: ({ scales }) => scales.length + 1,
  encode: ({ scales }, raw, { into, offset }) => {
    scales.forEach((scale, index) => {
      into[offset + index] = scaled(scale, raw.into[raw.offset + index] ?? NaN);
    });
    into[offset + scales.length] = Number.isNaN(raw.into[raw.offset] ?? NaN) ? 1 : 0;
  },
  graph: ({ scales }, raw) => {
    const last = raw.rank - 1;
    const missing = cast(isNaN(slice(raw, { axis: last, start: 0, end: 1 })), 'float32');
    return concat([scaledValue(raw, scales), missing], last);
  },
};
