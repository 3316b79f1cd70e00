import { type BagColumns } from '../encoded-examples';
import { type CompoundEncoder, isBagEncoder, isNumbersEncoder, numbersKind, rawWidthOf } from '.';

/** Ids below this are reserved, as those of other categories. */
const FIRST_ID = 2;
const UNKNOWN_ID = 1;

/** The columns that compound features add to the encoded ones, behind those of the others. */
export interface CompoundShape {
  readonly numericWidth: number;
  readonly cardinalities: readonly number[];
  readonly bags: readonly BagColumns[];
}

/** @param firstColumn how many columns of ids there are before */
export function compoundShape(
  encoders: readonly CompoundEncoder[] | undefined,
  firstColumn: number,
): CompoundShape {
  const bags = (encoders ?? []).filter(isBagEncoder);
  let first = firstColumn;
  return {
    numericWidth: (encoders ?? [])
      .filter(isNumbersEncoder)
      .reduce((sum, encoder) => sum + numbersKind(encoder).encodedWidth(encoder), 0),
    cardinalities: bags.flatMap(({ size, vocabulary }) =>
      Array<number>(size).fill(vocabulary.length + FIRST_ID),
    ),
    bags: bags.map(({ size, pooling }) => {
      const columns = { first, size, pooling };
      first += size;
      return columns;
    }),
  };
}

/** From a category of a bag to its id: 0 for the empty string, which is padding. */
export function bagIds(vocabulary: readonly string[]): (category: string) => number {
  const ids = new Map(vocabulary.map((category, index) => [category, index + FIRST_ID]));
  return (category) => (category === '' ? 0 : (ids.get(category) ?? UNKNOWN_ID));
}

/** Where encoded columns go: rows of so many columns, those of compound features from one on. */
export interface EncodedAt<A> {
  readonly into: A;
  readonly width: number;
  readonly first: number;
}

/**
 * Encodes the numbers of compound features at some rows (or steps) of raw columns, into the same rows.
 *
 * @param rawOf a feature's raw numbers, so many for each row as it has
 */
export function encodeNumbers(
  encoders: readonly CompoundEncoder[] | undefined,
  rawOf: (name: string) => Float32Array,
  rows: Int32Array,
  { into, width, first }: EncodedAt<Float32Array>,
): void {
  let column = first;
  for (const encoder of (encoders ?? []).filter(isNumbersEncoder)) {
    const kind = numbersKind(encoder);
    const raw = rawOf(encoder.name);
    const rawWidth = rawWidthOf(encoder);
    for (const row of rows)
      kind.encode(encoder, { into: raw, offset: row * rawWidth }, { into, offset: row * width + column });
    column += kind.encodedWidth(encoder);
  }
}

/** Encodes the bags at some rows (or steps) of raw columns, into the same rows. */
export function encodeBags(
  encoders: readonly CompoundEncoder[] | undefined,
  rawOf: (name: string) => readonly string[],
  rows: Int32Array,
  { into, width, first }: EncodedAt<Int32Array>,
): void {
  let column = first;
  for (const { name, size, vocabulary } of (encoders ?? []).filter(isBagEncoder)) {
    const idOf = bagIds(vocabulary);
    const raw = rawOf(name);
    for (const row of rows)
      for (let slot = 0; slot < size; slot++)
        into[row * width + column + slot] = idOf(raw[row * size + slot] ?? '');
    column += size;
  }
}
