import { type Worker } from 'node:worker_threads';
import { type Batch } from './job';
import { type ThreadReply, type ThreadRequest } from './messages';
import { ResidentArtifacts } from './resident-artifacts';
import { type ArtifactKey } from './tensors';
import { ThreadGate } from './thread-gate';
import { BatchLayout } from './wire-format';

/** Milliseconds that are waited for a thread to finish and to free its sessions. */
const CLOSE_GRACE_MS = 3_000;

export interface ThreadEvents {
  /** A batch came back that was sent at that time, on the clock of `performance.now()`. */
  onReply(batch: Batch, reply: ThreadReply, sentAt: number): void;
  /** The thread is gone, and these batches with it. Not told after {@link InferenceThread.close}. */
  onLost(thread: InferenceThread, batches: Batch[], reason: Error): void;
}

/** Starts a worker on the thread entry, with this as its `workerData`. */
export type SpawnThread = (workerData: SharedArrayBuffer) => Worker;

const ids = new WeakMap<ArtifactKey, string>();

/** Put together once for a key, which many requests are about. */
export function artifactId(key: ArtifactKey): string {
  let id = ids.get(key);
  if (id === undefined) ids.set(key, (id = `${key.tenantId}/${key.sha256}`));
  return id;
}

/** Memory of a session over its file's: measured 1.05 to 1.3 times a large file, a quarter of a MiB for a small one. */
const memoryOf = (fileBytes: number): number => 1.25 * fileBytes + 2 ** 18;

/** A worker thread as seen from the API's thread: what it holds and what it has been given to do. */
export class InferenceThread {
  readonly #resident: ResidentArtifacts;
  readonly #inFlight = new Map<number, { batch: Batch; since: number }>();
  readonly startedAt = performance.now();
  #nextId = 0;
  #open = true;

  readonly #gate = new ThreadGate();
  private readonly worker: Worker;

  constructor(
    spawn: SpawnThread,
    cacheBytes: number,
    private readonly events: ThreadEvents,
  ) {
    this.#resident = new ResidentArtifacts(cacheBytes);
    const worker = (this.worker = spawn(this.#gate.shared));
    worker.on('message', (reply: ThreadReply) => {
      this.#onReply(reply);
    });
    worker.on('error', (error) => {
      this.abandon(error);
    });
    worker.on('exit', (code) => {
      this.abandon(new Error(`an inference thread ended with code ${code}`));
    });
  }

  /** Batches that it has not answered. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  get resident(): { readonly count: number; readonly bytes: number } {
    return { count: this.#resident.count, bytes: this.#resident.bytes };
  }

  /** When the batch that it has longest was sent; undefined when it is idle. */
  get busySince(): number | undefined {
    for (const { since } of this.#inFlight.values()) return since;
    return undefined;
  }

  holds(key: ArtifactKey): boolean {
    return this.#resident.has(artifactId(key));
  }

  /** Loads an artifact, after freeing others where the bound asks for it. The bytes are moved, not copied. */
  load(key: ArtifactKey, bytes: Uint8Array<ArrayBuffer>): void {
    const artifact = artifactId(key);
    for (const evicted of this.#resident.admit(artifact, memoryOf(bytes.byteLength))) {
      this.#post({ type: 'release', artifact: evicted });
    }
    this.#post({ type: 'load', artifact, bytes }, [bytes.buffer]);
  }

  /** Runs a batch on an artifact that was loaded before. The answer comes as an event. */
  run(batch: Batch): void {
    const artifact = artifactId(batch.key);
    const id = this.#nextId++;
    // A row alone takes another path through matrix products (a vector's), and may come out otherwise in its last
    // bit. Beside a second, be it itself, it gets the very numbers that it gets in any batch.
    const jobs = batch.rows === 1 ? [...batch.jobs, ...batch.jobs] : batch.jobs;
    const packed = BatchLayout.of(batch.signature).pack(jobs.map(({ slice }) => slice));
    this.#resident.touch(artifact);
    this.#inFlight.set(id, { batch, since: performance.now() });
    this.#post({ type: 'run', id, artifact, signature: batch.signature, batch: packed }, [packed.numbers]);
  }

  /** Lets it finish what it has, frees its sessions, and ends it. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_GRACE_MS);
      this.worker.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#leave();
    });
  }

  /** Makes it safe for the process to end at once. Blocks. */
  halt(timeoutMs: number): void {
    this.#gate.shut(timeoutMs);
  }

  /** Gives it up: whatever it still does no longer counts. */
  abandon(reason: Error): void {
    if (!this.#open) return;
    this.#open = false;
    const lost = [...this.#inFlight.values()].map(({ batch }) => batch);
    this.#inFlight.clear();
    this.#leave();
    this.events.onLost(this, lost, reason);
  }

  /**
   * Asks it to end when it comes to it, and waits for it no longer. It is never terminated: ONNX Runtime's binding
   * takes the whole process down when its thread is terminated inside a native call.
   */
  #leave(): void {
    this.#post({ type: 'close' });
    this.worker.unref();
  }

  #onReply(reply: ThreadReply): void {
    const entry = this.#inFlight.get(reply.id);
    if (!entry) return;
    this.#inFlight.delete(reply.id);
    if (reply.type === 'failed' && !reply.loaded) this.#resident.remove(artifactId(entry.batch.key));
    this.events.onReply(entry.batch, reply, entry.since);
  }

  #post(request: ThreadRequest, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(request, transfer);
  }
}
