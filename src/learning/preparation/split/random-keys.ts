import { type CompoundColumn, isCoded } from '../compound-columns';
import { type EventColumns, type ExampleColumns } from '../example-columns';
import { blocksOf, type ExampleStore } from '../store/example-store';

/** What a split has to know of the examples. */
export type SplittableExamples = Pick<
  ExampleStore,
  'count' | 'labels' | 'at' | 'entities' | 'labelUntil' | 'hasEvents' | 'select'
>;

/**
 * 53-bit hashes: as good as random, but equal for identical examples. Those of a table are identical when their
 * features are; those of events when they are of one subject and moment, which gives them one history.
 */
export async function contentKeys(examples: SplittableExamples, seed: number): Promise<Float64Array> {
  const { count, entities, at, hasEvents } = examples;
  if (hasEvents && entities && at) {
    const hashes = new Hashes(count, seed);
    hashes.add(entities, 0);
    hashes.add(halves(at, 0), 1);
    hashes.add(halves(at, 1), 2);
    return hashes.keys();
  }
  const keys = new Float64Array(count);
  for (const rows of blocksOf(Int32Array.from(keys, (_, row) => row)))
    keys.set(contentKeysOf(await examples.select(rows), seed), rows[0]);
  return keys;
}

function contentKeysOf(columns: ExampleColumns, seed: number): Float64Array {
  const hashes = new Hashes(columns.count, seed);
  columns.numeric.forEach((values, column) => hashes.add(bitsOf(values), column));
  columns.categorical.forEach(({ codes }, column) => hashes.add(codes, columns.numeric.length + column));
  const first = columns.numeric.length + columns.categorical.length;
  columns.compound.flatMap(wordsOf).forEach((words, index) => hashes.add(words, first + index));
  if (columns.events) addSteps(columns.events, hashes);
  return hashes.keys();
}

/** What a compound feature's cells are, word by word. */
function wordsOf(column: CompoundColumn): (Uint32Array | Int32Array)[] {
  if (isCoded(column)) return [column.codes];
  if ('ms' in column) return [halves(column.ms, 0), halves(column.ms, 1)];
  const { dimension, vectors } = column;
  const bits = bitsOf(vectors);
  return Array.from({ length: dimension }, (_, i) => bits.filter((_, at) => at % dimension === i));
}

/** Each step of each field of a row's history, as a column with a number below those of all features. */
function addSteps({ maxLength, numeric, categorical, ends, lengths }: EventColumns, hashes: Hashes): void {
  const fields = [...numeric.flatMap((values) => values ?? []), ...categorical.map(({ codes }) => codes)];
  fields.forEach((values, field) => {
    for (let step = 0; step < maxLength; step++) {
      // Steps before a history's first are missing.
      const fromEnd = maxLength - step;
      const at = ends.map((end, row) => (fromEnd <= (lengths[row] ?? 0) ? end - fromEnd : -1));
      const column = -2 - (field * maxLength + step);
      if (values instanceof Float32Array)
        hashes.add(bitsOf(Float32Array.from(at, (i) => values[i] ?? NaN)), column);
      else
        hashes.add(
          at.map((i) => values[i] ?? 0),
          column,
        );
    }
  });
}

/** 53-bit hashes of the entities' numbers. */
export function entityKeys(entities: Int32Array, seed: number): Float64Array {
  const hashes = new Hashes(entities.length, seed);
  hashes.add(entities, 0);
  return hashes.keys();
}

/** Other hashes, independent of the keys, but equal where those are. */
export function hashAgain(keys: Float64Array, seed: number): Float64Array {
  const hashes = new Hashes(keys.length, seed);
  hashes.add(halves(keys, 0), 0);
  hashes.add(halves(keys, 1), 1);
  return hashes.keys();
}

class Hashes {
  private readonly high: Uint32Array;
  private readonly low: Uint32Array;

  constructor(count: number, seed: number) {
    this.high = new Uint32Array(count).fill(mix(seed, 0x9e3779b9));
    this.low = new Uint32Array(count).fill(mix(seed, 0x85ebca6b));
  }

  add(values: Uint32Array | Int32Array, column: number): void {
    const { high, low } = this;
    const salt = Math.imul(column + 1, 0x27d4eb2f);
    for (let row = 0; row < values.length; row++) {
      const value = (values[row] ?? 0) ^ salt;
      high[row] = mix(high[row] ?? 0, value);
      low[row] = mix(low[row] ?? 0, ~value);
    }
  }

  keys(): Float64Array {
    const { high, low } = this;
    const keys = new Float64Array(high.length);
    for (let row = 0; row < keys.length; row++)
      keys[row] = ((high[row] ?? 0) >>> 11) * 2 ** 32 + (low[row] ?? 0);
    return keys;
  }
}

/** One 32-bit half of each number. */
function halves(values: Float64Array, half: 0 | 1): Uint32Array {
  const words = new Uint32Array(values.slice().buffer);
  const halves = new Uint32Array(values.length);
  for (let row = 0; row < halves.length; row++) halves[row] = words[row * 2 + half] ?? 0;
  return halves;
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
