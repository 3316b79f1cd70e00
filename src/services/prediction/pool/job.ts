import { AppError } from '../../../errors';
import { JobTrace } from './job-trace';
import { type ArtifactKey, type ArtifactOutputs } from './tensors';
import { type RowSlice } from './wire-format';

/** Rows that are waited for. Settles once; whatever comes later is ignored. */
export class Job {
  readonly outputs: Promise<ArtifactOutputs>;
  /** When it was made, on the clock of `performance.now()`. */
  readonly since = performance.now();
  /** Null where nothing is traced. */
  readonly trace = JobTrace.begin();
  /** Threads that ended while they had it. */
  crashes = 0;
  /** Not to be put into a batch with others: something went wrong with the batch it was in. */
  alone = false;
  #settled = false;
  #resolve!: (outputs: ArtifactOutputs) => void;
  #reject!: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;

  /** @param deadlineMs after which it fails with UNAVAILABLE */
  constructor(
    readonly slice: RowSlice,
    deadlineMs: number,
  ) {
    this.outputs = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => {
      this.fail(
        new AppError(
          'UNAVAILABLE',
          `The prediction took longer than ${deadlineMs} ms: try again in a moment.`,
        ),
      );
    }, deadlineMs);
  }

  get rows(): number {
    return this.slice.rows;
  }

  get settled(): boolean {
    return this.#settled;
  }

  succeed(outputs: ArtifactOutputs): void {
    if (this.#settle()) this.#resolve(outputs);
  }

  fail(error: unknown): void {
    if (this.#settle()) this.#reject(error);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.trace?.ends();
    return true;
  }
}

/** Jobs that run together. */
export interface Batch {
  readonly key: ArtifactKey;
  readonly signature: string;
  readonly jobs: readonly Job[];
  readonly rows: number;
}

/** The jobs that wait for one artifact, with inputs of one form. First come, first served. */
export class ArtifactQueue {
  #jobs: Job[] = [];
  /** When its latest batch was taken, on the clock of `performance.now()`. */
  sentAt = -Infinity;

  constructor(
    readonly key: ArtifactKey,
    readonly signature: string,
  ) {}

  /** Rows that wait. */
  get rows(): number {
    this.#forget();
    return this.#jobs.reduce((sum, job) => sum + job.rows, 0);
  }

  /** When the job that waits longest was made; undefined when none waits. */
  get oldest(): number | undefined {
    this.#forget();
    return this.#jobs[0]?.since;
  }

  add(job: Job): void {
    this.#jobs.push(job);
  }

  /** Puts back jobs whose batch came to nothing. */
  putBack(jobs: readonly Job[]): void {
    for (const job of jobs) if (!job.settled) job.trace?.waits();
    this.#jobs.unshift(...jobs);
  }

  /** The next jobs, of at most `maxRows` rows together unless the first alone has more. */
  take(maxRows: number): Batch {
    this.#forget();
    this.sentAt = performance.now();
    let rows = 0;
    let count = 0;
    for (const job of this.#jobs) {
      if (count > 0 && (job.alone || rows + job.rows > maxRows)) break;
      rows += job.rows;
      count++;
      if (job.alone) break;
    }
    return { key: this.key, signature: this.signature, jobs: this.#jobs.splice(0, count), rows };
  }

  failAll(error: unknown): void {
    for (const job of this.#jobs.splice(0)) job.fail(error);
  }

  /** Drops the jobs whose deadline has passed. */
  #forget(): void {
    if (this.#jobs.some((job) => job.settled)) this.#jobs = this.#jobs.filter((job) => !job.settled);
  }
}
