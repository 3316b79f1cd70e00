import { type EncodedExamples, type ExampleSource, type InputShape } from '../features/encoded-examples';

/** Examples that an average is taken of, at most: its error is then a hundredth of what examples differ by. */
const MAX_EXAMPLES = 8192;
const BLOCK = 1024;

/** Averages of encoded columns. */
export interface AverageColumns {
  /** Of each encoded number. */
  readonly numbers: Float32Array;
  /** Of each column of ids, how much each id counts: [cardinality]. All of a bag's are with its first column. */
  readonly shares: readonly Float32Array[];
}

/** What explanations compare with: the average of the examples that a model was fitted on. */
export interface AverageExample extends AverageColumns {
  /** Of their events, all alike; null where there is no history. */
  readonly events: (AverageColumns & { readonly length: number }) | null;
}

/**
 * The average example of a source: mean numbers, each category by how often it occurs, and a history of median length
 * whose events are all the average one. Of larger sources, of examples that lie evenly in them.
 */
export async function averageExample(source: ExampleSource, signal: AbortSignal): Promise<AverageExample> {
  const { shape } = source;
  const count = Math.min(source.count, MAX_EXAMPLES);
  const own = new Averages(shape.numericWidth, shape);
  const ofEvents = shape.sequence && new Averages(shape.sequence.numericWidth, shape.sequence);
  const lengths: number[] = [];
  for (let from = 0; from < count; from += BLOCK) {
    signal.throwIfAborted();
    const length = Math.min(BLOCK, count - from);
    const examples = await source.read(
      Int32Array.from({ length }, (_, index) => Math.floor(((from + index) * source.count) / count)),
    );
    for (let n = 0; n < examples.count; n++) own.add(examples.numeric_NF, examples.categorical_NC, n);
    if (shape.sequence && ofEvents) lengths.push(...addEvents(ofEvents, examples, shape.sequence.maxLength));
  }
  lengths.sort((a, b) => a - b);
  return {
    ...own.taken(),
    events: ofEvents ? { ...ofEvents.taken(), length: lengths[Math.floor((count - 1) / 2)] ?? 0 } : null,
  };
}

/** @returns the examples' lengths */
function addEvents(averages: Averages, { count, sequence }: EncodedExamples, maxLength: number): number[] {
  if (!sequence) throw new RangeError('the encoded examples lack their histories');
  return Array.from({ length: count }, (_, n) => {
    const length = sequence.lengths_N[n] ?? 0;
    for (let step = 0; step < length; step++)
      averages.add(sequence.numeric_NTS, sequence.categorical_NTK, n * maxLength + step);
    return length;
  });
}

/** Sums over rows of encoded columns. */
class Averages {
  private readonly sums: Float64Array;
  private readonly shares: readonly Float64Array[];
  private rows = 0;

  constructor(
    numericWidth: number,
    private readonly shape: Pick<InputShape, 'cardinalities' | 'bags'>,
  ) {
    this.sums = new Float64Array(numericWidth);
    this.shares = shape.cardinalities.map((cardinality) => new Float64Array(cardinality));
  }

  /** @param row its place among the rows of both */
  add(numbers: Float32Array, ids: Int32Array, row: number): void {
    this.rows++;
    const { sums, shares } = this;
    for (let column = 0; column < sums.length; column++)
      sums[column] = (sums[column] ?? 0) + (numbers[row * sums.length + column] ?? 0);
    const idOf = (column: number): number => ids[row * shares.length + column] ?? 0;
    const count = (column: number, id: number, weight: number): void => {
      const ofColumn = shares[column];
      if (ofColumn) ofColumn[id] = (ofColumn[id] ?? 0) + weight;
    };
    const inBags = new Set<number>();
    for (const { first, size, pooling } of this.shape.bags ?? []) {
      const slots = Array.from({ length: size }, (_, slot) => first + slot);
      const present = slots.map(idOf).filter((id) => id !== 0);
      for (const id of present) count(first, id, pooling === 'mean' ? 1 / present.length : 1);
      for (const slot of slots) inBags.add(slot);
    }
    for (let column = 0; column < shares.length; column++)
      if (!inBags.has(column)) count(column, idOf(column), 1);
  }

  taken(): AverageColumns {
    const mean = (sum: number): number => (this.rows === 0 ? 0 : sum / this.rows);
    return {
      numbers: Float32Array.from(this.sums, mean),
      shares: this.shares.map((ofColumn) => Float32Array.from(ofColumn, mean)),
    };
  }
}
