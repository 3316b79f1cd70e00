import { Worker } from 'node:worker_threads';
import { AppError } from '../../../errors';
import { isTracing, traced } from '../../../platform/telemetry/tracing';
import { artifactId, InferenceThread, type SpawnThread } from './inference-thread';
import { ArtifactQueue, type Batch, Job } from './job';
import { type ThreadReply } from './messages';
import { traceBatch } from './job-trace';
import { joinOutputs, splitOutputs } from './outputs';
import { type AnsweredBatch, type PoolOptions, type PoolStats } from './pool-options';
import { type ArtifactInputs, type ArtifactKey, type ArtifactOutputs } from './tensors';
import { threadEntry } from './thread-entry';
import { BatchLayout, signatureOf } from './wire-format';

export type { PoolOptions } from './pool-options';

const DEFAULTS = {
  cacheBytes: 512 * 2 ** 20,
  maxBatchRows: 256,
  maxWaitMs: 2,
  maxQueuedRows: 50_000,
  deadlineMs: 5_000,
  stallMs: 30_000,
  onThreadLost: (): void => undefined,
  onBatch: (): void => undefined,
  spawn: ((workerData) =>
    new Worker(threadEntry(), { name: 'inference', execArgv: [], workerData })) satisfies SpawnThread,
};

/** One batch runs, the next is at hand when it ends. */
const MAX_IN_FLIGHT = 2;
/** A job may see one thread end. */
const MAX_CRASHES = 1;
/** A thread that ends sooner than this was not worth starting: the next waits, longer each time. */
const HEALTHY_MS = 2_000;
const LONGEST_RESPAWN_DELAY_MS = 5_000;
const WATCH_INTERVAL_MS = 1_000;
const HALT_GRACE_MS = 1_000;

/**
 * Runs artifacts in worker threads, never in the caller's.
 *
 * Requests for the same artifact that come in the same turn of the event loop, or while the threads are busy, run
 * as one batch. An artifact's outputs for a row do not depend on the rows beside it. Artifacts are loaded when they
 * are asked for and leave when others need the room. A thread that ends is replaced; what it had is run once more.
 */
export class InferencePool {
  readonly #options: Required<PoolOptions>;
  readonly #queues = new Map<string, ArtifactQueue>();
  readonly #threads = new Set<InferenceThread>();
  /** Artifacts that were read and wait for their thread; a promise while they are being read. */
  readonly #read = new Map<string, Uint8Array | Promise<unknown>>();
  readonly #respawns = new Set<NodeJS.Timeout>();
  readonly #watch: NodeJS.Timeout;
  readonly #counts = { batches: 0, rows: 0, loads: 0, threadsLost: 0 };
  /** The process ends without having closed the pool. */
  readonly #halt = (): void => {
    for (const thread of this.#threads) thread.halt(HALT_GRACE_MS);
  };
  #turn: NodeJS.Immediate | null = null;
  #wake: NodeJS.Timeout | null = null;
  #quickLosses = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = { ...DEFAULTS, ...options };
    for (let count = 0; count < options.threads; count++) this.#spawn();
    this.#watch = setInterval(() => {
      this.#giveUpStalled();
    }, WATCH_INTERVAL_MS);
    this.#watch.unref();
    process.once('exit', this.#halt);
  }

  /**
   * Runs an artifact on the rows of a request.
   *
   * @throws AppError UNAVAILABLE when the deadline passes, too much waits already, or threads keep ending;
   *   whatever `read` throws; Error when the artifact does not take these inputs
   */
  run(key: ArtifactKey, inputs: ArtifactInputs): Promise<ArtifactOutputs> {
    if (!isTracing()) return this.#run(key, inputs);
    const attributes = {
      'propensity.artifact': key.sha256,
      'propensity.rows': Object.values(inputs)[0]?.dims[0] ?? 0,
    };
    return traced('inference', attributes, () => this.#run(key, inputs));
  }

  async #run(key: ArtifactKey, inputs: ArtifactInputs): Promise<ArtifactOutputs> {
    const { signature, rows } = signatureOf(inputs);
    if (rows === 0) return {};
    const queue = this.#queueOf(key, signature);
    const { maxQueuedRows, deadlineMs } = this.#options;
    const maxBatchRows = this.#batchRows(key);
    if (this.#closed)
      throw new AppError('UNAVAILABLE', 'The server is shutting down: send the request again.');
    if (queue.rows + rows > Math.max(maxQueuedRows, rows)) {
      throw new AppError('UNAVAILABLE', 'Too many predictions wait for this model: try again in a moment.');
    }
    const layout = BatchLayout.of(signature);
    if (rows <= maxBatchRows) {
      const job = new Job(layout.slice(inputs, 0, rows), deadlineMs);
      queue.add(job);
      this.#soon();
      return job.outputs;
    }
    const jobs: Job[] = [];
    for (let from = 0; from < rows; from += maxBatchRows) {
      const job = new Job(layout.slice(inputs, from, Math.min(maxBatchRows, rows - from)), deadlineMs);
      jobs.push(job);
      queue.add(job);
    }
    this.#soon();
    return joinOutputs(await Promise.all(jobs.map((job) => job.outputs)));
  }

  /**
   * Makes an artifact ready before it takes traffic: loads it where `like` is held (in one thread when nowhere) and
   * runs it once there, one thread after the other, so that the others go on serving.
   *
   * @throws as {@link run}
   */
  async warm(key: ArtifactKey, inputs: ArtifactInputs, like?: ArtifactKey): Promise<void> {
    const { signature, rows } = signatureOf(inputs);
    const holders = [...this.#threads].filter((thread) => like !== undefined && thread.holds(like));
    const targets = holders.length > 0 ? holders : this.#byLoad().slice(0, 1);
    for (const thread of targets) {
      if (!thread.holds(key)) {
        const bytes = await this.#options.read(key);
        if (!this.#threads.has(thread)) continue;
        this.#load(thread, key, bytes);
      }
      const job = new Job(BatchLayout.of(signature).slice(inputs, 0, rows), this.#options.stallMs);
      this.#dispatch(thread, { key, signature, jobs: [job], rows });
      await job.outputs;
    }
  }

  get stats(): PoolStats {
    return {
      ...this.#counts,
      threads: [...this.#threads].map(({ inFlight, resident: { count, bytes } }) => ({
        inFlight,
        artifacts: count,
        bytes,
      })),
      queuedRows: [...this.#queues.values()].reduce((sum, queue) => sum + queue.rows, 0),
    };
  }

  /** Finishes what runs, refuses what waits, frees every session and ends the threads. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    for (const timer of this.#respawns) clearTimeout(timer);
    if (this.#wake) clearTimeout(this.#wake);
    for (const queue of this.#queues.values()) {
      queue.failAll(new AppError('UNAVAILABLE', 'The server is shutting down: send the request again.'));
    }
    await Promise.all([...this.#threads].map((thread) => thread.close()));
    process.off('exit', this.#halt);
  }

  #batchRows({ maxBatchRows = Infinity }: ArtifactKey): number {
    return Math.min(maxBatchRows, this.#options.maxBatchRows);
  }

  #queueOf(key: ArtifactKey, signature: string): ArtifactQueue {
    const id = queueId(key, signature);
    let queue = this.#queues.get(id);
    if (!queue) this.#queues.set(id, (queue = new ArtifactQueue(key, signature)));
    return queue;
  }

  /** Once per turn of the event loop, so that requests that arrived together run together. */
  #soon(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = null;
      this.#pump();
    });
  }

  /** Gives threads what waits: of each artifact one batch at a time, so that none keeps the others waiting. */
  #pump(): void {
    if (this.#closed) return;
    let sent = true;
    while (sent) {
      sent = false;
      for (const [id, queue] of [...this.#queues]) {
        if (queue.oldest === undefined) {
          if (performance.now() - queue.sentAt >= this.#options.maxWaitMs) this.#queues.delete(id);
        } else if (this.#serve(queue)) sent = true;
      }
    }
    if (this.#queues.size > 0) {
      this.#wake ??= setTimeout(() => {
        this.#wake = null;
        this.#pump();
      }, this.#options.maxWaitMs);
    }
  }

  /** @returns whether a batch was sent */
  #serve(queue: ArtifactQueue): boolean {
    const thread = this.#threadFor(queue);
    if (!thread) return false;
    if (!thread.holds(queue.key)) {
      const bytes = this.#fetched(queue);
      if (!bytes) return false;
      this.#load(thread, queue.key, bytes);
    }
    this.#dispatch(thread, queue.take(this.#batchRows(queue.key)));
    return true;
  }

  /** A thread that should take a batch of this queue now; undefined when it is better to wait. */
  #threadFor(queue: ArtifactQueue): InferenceThread | undefined {
    const byLoad = this.#byLoad();
    const holders = byLoad.filter((thread) => thread.holds(queue.key));
    const [best] = holders.length > 0 ? holders : byLoad;
    if (!best) return undefined;
    const { maxWaitMs } = this.#options;
    const now = performance.now();
    // Shortly after a batch of the same artifact the next gathers: many small ones cost far more than a few.
    if (best.inFlight === 0 && now - queue.sentAt >= maxWaitMs) return best;
    const due = queue.rows >= this.#batchRows(queue.key) || now - (queue.oldest ?? 0) >= maxWaitMs;
    if (!due) return undefined;
    if (best.inFlight < MAX_IN_FLIGHT) return best;
    // Its holders have their hands full: another thread learns the artifact if it has nothing to do.
    return byLoad.find((thread) => thread.inFlight === 0);
  }

  #byLoad(): InferenceThread[] {
    return [...this.#threads].sort((a, b) => a.inFlight - b.inFlight || a.resident.bytes - b.resident.bytes);
  }

  /** The artifact's bytes, or nothing yet: the queue is served again when they are there. */
  #fetched({ key, signature }: ArtifactQueue): Uint8Array | undefined {
    const id = artifactId(key);
    const bytes = this.#read.get(id);
    if (bytes instanceof Promise) return undefined;
    if (bytes) {
      this.#read.delete(id);
      return bytes;
    }
    const reading = this.#options.read(key).then(
      (found) => this.#read.set(id, found),
      (error: unknown) => {
        this.#read.delete(id);
        this.#queueOf(key, signature).failAll(error);
      },
    );
    this.#read.set(id, reading);
    void reading.then(() => {
      this.#pump();
    });
    return undefined;
  }

  #load(thread: InferenceThread, key: ArtifactKey, bytes: Uint8Array): void {
    this.#counts.loads++;
    // The thread takes the memory over, so it must be the artifact's alone.
    const owned = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
    thread.load(key, owned ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes));
  }

  #dispatch(thread: InferenceThread, batch: Batch): void {
    this.#counts.batches++;
    this.#counts.rows += batch.rows;
    traceBatch(batch);
    thread.run(batch);
  }

  #onReply(batch: Batch, reply: ThreadReply): void {
    if (reply.type === 'done') splitOutputs(reply, batch);
    else if (reply.loaded && batch.jobs.length > 1) this.#again(batch, batch.jobs);
    else {
      const error = new Error(`artifact ${batch.key.sha256}: ${reply.message}`);
      for (const job of batch.jobs) job.fail(error);
    }
    this.#pump();
  }

  /** Runs jobs once more, each by itself: the one that spoilt the batch then harms nobody else. */
  #again({ key, signature }: Batch, jobs: readonly Job[]): void {
    for (const job of jobs) job.alone = true;
    this.#queueOf(key, signature).putBack(jobs);
  }

  #spawn(): void {
    const thread: InferenceThread = new InferenceThread(
      this.#options.spawn,
      this.#options.cacheBytes / this.#options.threads,
      {
        onReply: (batch, reply, sentAt) => {
          this.#options.onBatch(answered(batch, sentAt));
          this.#onReply(batch, reply);
        },
        onLost: (lost, batches, reason) => {
          this.#onLost(lost, batches, reason);
        },
      },
    );
    this.#threads.add(thread);
  }

  #onLost(thread: InferenceThread, batches: readonly Batch[], reason: Error): void {
    this.#threads.delete(thread);
    this.#counts.threadsLost++;
    this.#options.onThreadLost(reason);
    for (const batch of batches) {
      for (const job of batch.jobs) job.crashes++;
      const [lost, retried] = [
        batch.jobs.filter((job) => job.crashes > MAX_CRASHES),
        batch.jobs.filter((job) => job.crashes <= MAX_CRASHES),
      ];
      for (const job of lost) {
        job.fail(new AppError('UNAVAILABLE', 'The prediction was interrupted twice: try again in a moment.'));
      }
      this.#again(batch, retried);
    }
    if (this.#closed) return;
    this.#quickLosses = performance.now() - thread.startedAt < HEALTHY_MS ? this.#quickLosses + 1 : 0;
    const delay =
      this.#quickLosses <= 1 ? 0 : Math.min(50 * 2 ** this.#quickLosses, LONGEST_RESPAWN_DELAY_MS);
    const timer = setTimeout(() => {
      this.#respawns.delete(timer);
      this.#spawn();
      this.#pump();
    }, delay);
    this.#respawns.add(timer);
    this.#pump();
  }

  #giveUpStalled(): void {
    for (const thread of this.#threads) {
      const { busySince } = thread;
      if (busySince !== undefined && performance.now() - busySince > this.#options.stallMs) {
        thread.abandon(new Error(`an inference thread was silent for ${this.#options.stallMs} ms`));
      }
    }
  }
}

function answered({ key, jobs, rows }: Batch, sentAt: number): AnsweredBatch {
  const since = jobs[0]?.since ?? sentAt;
  return { tenantId: key.tenantId, rows, queuedMs: sentAt - since, ranMs: performance.now() - sentAt };
}

const queueIds = new WeakMap<ArtifactKey, Map<string, string>>();

/** Put together once for a key and a form of inputs. */
function queueId(key: ArtifactKey, signature: string): string {
  let known = queueIds.get(key);
  if (!known) queueIds.set(key, (known = new Map<string, string>()));
  let id = known.get(signature);
  if (id === undefined) known.set(signature, (id = `${artifactId(key)} ${signature}`));
  return id;
}
