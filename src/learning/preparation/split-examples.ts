import { AppError } from '../../errors';
import { type EventColumns, type ExampleColumns } from './example-columns';
import { blocksOf, type ExampleStore } from './store/example-store';

/** Shares of training and validation; the rest is for the test. */
const TRAIN_SHARE = 0.7;
const VALIDATION_SHARE = 0.15;

/** Row numbers of each part, ascending. */
export interface Split {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/**
 * Splits 70 / 15 / 15. By time where the examples have moments: training before validation before test, examples of
 * one moment together. Otherwise by a seeded hash of the features, stratified by label, so that identical rows are in
 * one part: no row of the test was seen in training.
 * @throws AppError INVALID_DATA when a part would be empty or training would see one class only.
 */
export async function splitExamples(
  examples: Pick<ExampleStore, 'at' | 'count' | 'labels' | 'select'>,
  seed: number,
): Promise<Split> {
  const { at, count, labels } = examples;
  const parts = at ? partsByTime(at) : partsByContent(labels, await contentKeys(examples, seed));
  const rowsOf = (part: number) => {
    const rows = new Int32Array(parts.length);
    let count = 0;
    parts.forEach((candidate, row) => {
      if (candidate === part) rows[count++] = row;
    });
    return rows.slice(0, count);
  };
  const split = { train: rowsOf(0), validation: rowsOf(1), test: rowsOf(2) };
  const sizes = `${split.train.length} / ${split.validation.length} / ${split.test.length}`;
  if (split.train.length === 0 || split.validation.length === 0 || split.test.length === 0)
    throw new AppError(
      'INVALID_DATA',
      `${count} examples split into ${sizes} for training, validation and test; none may be empty. ` +
        (at
          ? 'Give data with more different moments, or leave out timeColumn to split at random.'
          : 'Give more data.'),
    );
  const positives = split.train.reduce((sum, row) => sum + (labels[row] ?? 0), 0);
  if (positives === 0 || positives === split.train.length)
    throw new AppError(
      'INVALID_DATA',
      `All ${split.train.length} training examples are ${positives === 0 ? 'negative' : 'positive'}: ` +
        'a model needs both classes. Give more data.',
    );
  return split;
}

/** Cuts where the moment changes, as near to 70 % and 85 % as possible with no part empty. */
function partsByTime(at: Float64Array): Uint8Array {
  const sorted = Float64Array.from(at).sort();
  const { length } = sorted;
  const nearestChange = (share: number, from: number, to: number): number | null => {
    const target = Math.round(length * share);
    for (let distance = 0; distance < length; distance++)
      for (const index of [target - distance, target + distance])
        if (index >= from && index < to && sorted[index] !== sorted[index - 1]) return index;
    return null;
  };
  const lastChange = nearestChange(1, 1, length);
  const first = lastChange == null ? null : nearestChange(TRAIN_SHARE, 1, lastChange);
  const second = first == null ? null : nearestChange(TRAIN_SHARE + VALIDATION_SHARE, first + 1, length);
  if (first == null || second == null) return new Uint8Array(at.length);
  return partsByThreshold(at, sorted[first] ?? Infinity, sorted[second] ?? Infinity);
}

function partsByContent(labels: Float32Array, keys: Float64Array): Uint8Array {
  const parts = new Uint8Array(keys.length);
  for (const label of [0, 1]) {
    const inClass = keys.filter((_, row) => labels[row] === label).sort();
    const threshold = (share: number) => inClass[Math.round(inClass.length * share)] ?? Infinity;
    const ofClass = partsByThreshold(keys, threshold(TRAIN_SHARE), threshold(TRAIN_SHARE + VALIDATION_SHARE));
    ofClass.forEach((part, row) => {
      if (labels[row] === label) parts[row] = part;
    });
  }
  return parts;
}

function partsByThreshold(values: Float64Array, first: number, second: number): Uint8Array {
  const parts = new Uint8Array(values.length);
  values.forEach((value, row) => {
    parts[row] = value < first ? 0 : value < second ? 1 : 2;
  });
  return parts;
}

/** A 53-bit hash of each example's features: equal for identical examples, otherwise as good as random. */
async function contentKeys(
  examples: Pick<ExampleStore, 'count' | 'select'>,
  seed: number,
): Promise<Float64Array> {
  const keys = new Float64Array(examples.count);
  for (const rows of blocksOf(Int32Array.from(keys, (_, row) => row)))
    keys.set(contentKeysOf(await examples.select(rows), seed), rows[0]);
  return keys;
}

function contentKeysOf(columns: ExampleColumns, seed: number): Float64Array {
  const { count } = columns;
  const high = new Uint32Array(count).fill(mix(seed, 0x9e3779b9));
  const low = new Uint32Array(count).fill(mix(seed, 0x85ebca6b));
  const add = (values: Uint32Array | Int32Array, column: number) => {
    const salt = Math.imul(column + 1, 0x27d4eb2f);
    for (let row = 0; row < count; row++) {
      const value = (values[row] ?? 0) ^ salt;
      high[row] = mix(high[row] ?? 0, value);
      low[row] = mix(low[row] ?? 0, ~value);
    }
  };
  columns.numeric.forEach((values, column) => add(bitsOf(values), column));
  columns.categorical.forEach(({ codes }, column) => add(codes, columns.numeric.length + column));
  if (columns.events) addSteps(columns.events, add);
  const keys = new Float64Array(count);
  for (let row = 0; row < count; row++) keys[row] = ((high[row] ?? 0) >>> 11) * 2 ** 32 + (low[row] ?? 0);
  return keys;
}

/** Each step of each field of a row's history, as a column with a number below those of all features. */
function addSteps(
  { maxLength, numeric, categorical, ends, lengths }: EventColumns,
  add: (values: Uint32Array | Int32Array, column: number) => void,
): void {
  const fields = [...numeric.flatMap((values) => values ?? []), ...categorical.map(({ codes }) => codes)];
  fields.forEach((values, field) => {
    for (let step = 0; step < maxLength; step++) {
      // Steps before a history's first are missing.
      const fromEnd = maxLength - step;
      const at = ends.map((end, row) => (fromEnd <= (lengths[row] ?? 0) ? end - fromEnd : -1));
      const column = -2 - (field * maxLength + step);
      if (values instanceof Float32Array) add(bitsOf(Float32Array.from(at, (i) => values[i] ?? NaN)), column);
      else
        add(
          at.map((i) => values[i] ?? 0),
          column,
        );
    }
  });
}

/** The bits of each number; all NaN alike, and both zeros. */
function bitsOf(values: Float32Array): Uint32Array {
  const canonical = values.map((value) => (Number.isNaN(value) ? NaN : value + 0));
  return new Uint32Array(canonical.buffer);
}

/** One round of a multiply-xorshift hash with the finalizer of MurmurHash3. */
function mix(state: number, value: number): number {
  let hash = Math.imul(state ^ value, 0xcc9e2d51);
  hash = (hash << 15) | (hash >>> 17);
  hash = Math.imul(hash, 0x1b873593) ^ state;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
