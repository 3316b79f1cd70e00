import { type ModelConfig } from '../architectures/model-config';
import { type ExampleSource } from '../features/encoded-examples';
import { countClasses, epochExamples, type EpochSize, epochSize } from './class-balance';
import { bucketLengths } from './length-buckets';
import { ascending, epochRandom } from './random';

/** Some steps' batches, one after another. */
export interface Batches {
  /** Of the source: [steps · batchSize]. */
  readonly indices: Int32Array;
  /** 1, or 0 for rows that only fill up a batch: [steps · batchSize]. */
  readonly weights_N: Float32Array;
  /** What the histories of all of them are padded to; 1 where there are none. */
  readonly length: number;
}

/** What decides how examples are batched: 8 bytes each, however large they are themselves. */
interface Traits {
  readonly labels_N: Float32Array;
  /** Of the histories; all the same when they are not told apart. */
  readonly lengths_N: Int32Array;
}

type SamplingConfig = Pick<ModelConfig, 'balance' | 'lengthBuckets' | 'seed'>;

/** Steps in a row whose batches are of one bucket: what starting a chunk costs is little beside so many of them. */
const RUN_STEPS = 16;
const READ_BLOCK = 4096;
const FILL = -1;

/**
 * Which examples each step of each epoch visits: shuffled, balanced and bucketed, as a function of seed, epoch and
 * step alone, so that a run can be taken up anywhere.
 *
 * Every epoch visits every example. Batches are filled from the shuffled examples of one bucket, and what does not
 * fill one goes to the next longer bucket; the last batch of the longest is filled up with rows of weight 0. Each
 * bucket's batches are spread at random over the whole epoch, in runs of a few: no part of it is of short histories.
 */
export class BatchPlan {
  readonly stepsPerEpoch: number;
  private readonly size: EpochSize;
  /** Ascending. */
  private readonly lengths: readonly number[];

  private constructor(
    private readonly traits: Traits,
    private readonly config: SamplingConfig,
    readonly batchSize: number,
  ) {
    this.size = epochSize(countClasses(traits.labels_N), config.balance);
    this.stepsPerEpoch = Math.ceil(this.size.visits / batchSize);
    this.lengths = bucketLengths(traits.lengths_N, { batchSize, maxBuckets: config.lengthBuckets });
  }

  /** Reads the source's labels and lengths, where they matter, block by block. */
  static async for(
    source: ExampleSource,
    config: SamplingConfig,
    { batchSize, signal }: { batchSize: number; signal: AbortSignal },
  ): Promise<BatchPlan> {
    const hasBuckets = config.lengthBuckets > 1 && source.shape.sequence !== undefined;
    const labels_N = new Float32Array(source.count);
    const lengths_N = new Int32Array(source.count).fill(source.shape.sequence?.maxLength ?? 1);
    const isRead = hasBuckets || config.balance.kind !== 'none';
    for (let from = 0; isRead && from < source.count; from += READ_BLOCK) {
      signal.throwIfAborted();
      const count = Math.min(READ_BLOCK, source.count - from);
      const examples = await source.read(ascending(count).map((index) => from + index));
      labels_N.set(examples.labels_N, from);
      if (hasBuckets && examples.sequence) lengths_N.set(examples.sequence.lengths_N, from);
    }
    return new BatchPlan({ labels_N, lengths_N }, config, batchSize);
  }

  /** Visits to examples in an epoch; not counting rows that only fill up. */
  get visitsPerEpoch(): number {
    return this.size.visits;
  }

  epoch(epoch: number): EpochBatches {
    const { seed } = this.config;
    const visited = epochExamples(this.traits.labels_N, this.size, { seed, epoch });
    const random = epochRandom(seed, epoch, 'batches');
    const runs = this.buckets(visited)
      .flatMap((bucket) => this.runsOf(bucket))
      // Each at a random place within its own share of the epoch.
      .map(({ run, share, shares }) => ({ run, place: (share + random()) / shares }))
      .sort((a, b) => a.place - b.place);
    return new EpochBatches(
      runs.map(({ run }) => run),
      this.batchSize,
    );
  }

  /** An epoch's examples by bucket, whole batches of each; their order within a bucket is kept. */
  private buckets(visited: Int32Array): Run[] {
    let leftOver = new Int32Array(0);
    return this.lengths.map((length, bucket) => {
      const above = this.lengths[bucket - 1] ?? -1;
      const isLast = bucket === this.lengths.length - 1;
      const own = visited.filter((index) => {
        const needed = this.traits.lengths_N[index] ?? 0;
        return needed > above && needed <= length;
      });
      const members = joined(leftOver, own);
      const batches = (isLast ? Math.ceil : Math.floor)(members.length / this.batchSize);
      const indices = new Int32Array(batches * this.batchSize).fill(FILL);
      indices.set(members.subarray(0, indices.length));
      leftOver = members.slice(indices.length);
      return { indices, length };
    });
  }

  /** A bucket's batches in runs, and which of how many shares of the bucket each run is. */
  private runsOf({ indices, length }: Run): Array<{ run: Run; share: number; shares: number }> {
    const isOnly = this.lengths.length === 1;
    const size = isOnly ? indices.length : RUN_STEPS * this.batchSize;
    const shares = Math.ceil(indices.length / size);
    return Array.from({ length: shares }, (_, share) => ({
      run: { indices: indices.subarray(share * size, (share + 1) * size), length },
      share,
      shares,
    }));
  }
}

/** Batches in a row whose histories are padded to one length. */
interface Run {
  readonly indices: Int32Array;
  readonly length: number;
}

/** The batches of one epoch in the order of its steps. */
export class EpochBatches {
  constructor(
    private readonly runs: readonly Run[],
    private readonly batchSize: number,
  ) {}

  /**
   * The batches of the steps from one on, so many as are wanted at most: fewer where the next length begins.
   *
   * @param wanted how many steps, for each length.
   */
  from(step: number, wanted: (length: number) => number): Batches {
    let first = step * this.batchSize;
    for (const { indices, length } of this.runs) {
      if (first < indices.length) {
        const rows = indices.subarray(first, first + wanted(length) * this.batchSize);
        return { ...filledUp(rows), length };
      }
      first -= indices.length;
    }
    throw new RangeError(`an epoch has no step ${step}`);
  }
}

/** Rows that fill up repeat the example before them, with weight 0. */
function filledUp(rows: Int32Array): Pick<Batches, 'indices' | 'weights_N'> {
  let before = 0;
  return {
    indices: rows.map((row) => (before = row === FILL ? before : row)),
    weights_N: Float32Array.from(rows, (row) => (row === FILL ? 0 : 1)),
  };
}

function joined(first: Int32Array, second: Int32Array): Int32Array {
  const both = new Int32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
