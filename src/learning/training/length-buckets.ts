import { type EncodedExamples, type InputShape } from '../features/encoded-examples';

/** Batches that a bucket must fill in an epoch: fewer are not worth compiling a program for. */
const MIN_BATCHES = 8;
/** Share of all steps that buckets must save: below it, shorter chunks and batches that are less mixed cost as much. */
const MIN_SAVING = 0.2;
/** And that each one more must save. */
const MIN_FURTHER_SAVING = 0.1;

/**
 * The lengths that histories are padded to, in ascending order: the few that leave the least padding, of the lengths
 * that there are. The last one is the longest of all; each has the histories above the one before it.
 *
 * @param lengths_N of the training part's histories; those without events take a step as well.
 */
export function bucketLengths(
  lengths_N: Int32Array,
  { batchSize, maxBuckets }: { batchSize: number; maxBuckets: number },
): number[] {
  const upTo = cumulative(lengths_N);
  const longest = upTo.length - 1;
  const fewest = MIN_BATCHES * batchSize;
  const padded = lengths_N.length * longest;
  /** Of the buckets up to each length: their steps, padding included, and where the last of them begins. */
  let best = upTo.map((count, length) => ({ steps: count * length, lengths: [length] }));
  let chosen = best[longest] ?? { steps: padded, lengths: [longest] };
  for (let buckets = 2; buckets <= maxBuckets; buckets++) {
    const fewer = best;
    best = upTo.map((count, length) => {
      let least = fewer[length] ?? chosen;
      for (let below = 1; below < length; below++) {
        const own = count - (upTo[below] ?? 0);
        const before = fewer[below];
        if (!before || own < fewest || (upTo[below] ?? 0) < fewest) continue;
        const steps = before.steps + own * length;
        if (steps < least.steps) least = { steps, lengths: [...before.lengths, length] };
      }
      return least;
    });
    const more = best[longest];
    if (!more || chosen.steps - more.steps < MIN_FURTHER_SAVING * padded) break;
    chosen = more;
  }
  return padded - chosen.steps < MIN_SAVING * padded ? [longest] : chosen.lengths;
}

/** How many histories are at most so long, by length. */
function cumulative(lengths_N: Int32Array): number[] {
  const longest = lengths_N.reduce((most, length) => Math.max(most, length), 1);
  const counts = new Array<number>(longest + 1).fill(0);
  for (const length of lengths_N) counts[Math.max(length, 1)] = (counts[Math.max(length, 1)] ?? 0) + 1;
  let total = 0;
  return counts.map((count) => (total += count));
}

/** Examples whose histories end at a step: what lies beyond must be padding. */
export function trimSequences<E extends EncodedExamples>(
  examples: E,
  shape: NonNullable<InputShape['sequence']>,
  length: number,
): E {
  const { sequence } = examples;
  const { maxLength, numericWidth, cardinalities } = shape;
  if (!sequence || length === maxLength) return examples;
  const count = { examples: examples.count, steps: maxLength, kept: length };
  return {
    ...examples,
    sequence: {
      numeric_NTS: firstSteps(sequence.numeric_NTS, count, numericWidth),
      categorical_NTK: firstSteps(sequence.categorical_NTK, count, cardinalities.length),
      lengths_N: sequence.lengths_N,
    },
  };
}

function firstSteps<A extends Float32Array | Int32Array>(
  values_NTW: A,
  count: { examples: number; steps: number; kept: number },
  width: number,
): A {
  const [from, to] = [count.steps * width, count.kept * width];
  // Moved within one copy: rows only ever move towards the beginning.
  const trimmed = values_NTW.slice() as A;
  for (let n = 0; n < count.examples; n++) trimmed.copyWithin(n * to, n * from, n * from + to);
  return trimmed.subarray(0, count.examples * to) as A;
}

/** The input shape of examples that were trimmed. */
export function trimmedShape(shape: InputShape, length: number): InputShape {
  return shape.sequence ? { ...shape, sequence: { ...shape.sequence, maxLength: length } } : shape;
}
