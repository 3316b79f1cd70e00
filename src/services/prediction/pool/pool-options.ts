import { type SpawnThread } from './inference-thread';
import { type ArtifactKey } from './tensors';

export interface PoolOptions {
  readonly threads: number;
  /** Reads an artifact; asked whenever a thread that does not hold it is to run it. */
  readonly read: (key: ArtifactKey) => Promise<Uint8Array>;
  /** Bound on the memory of the artifacts held, over all threads, in bytes. */
  readonly cacheBytes?: number;
  /** Most rows that run together; a larger request is run in parts, side by side. */
  readonly maxBatchRows?: number;
  /** Longest that a job waits for others while a thread could take it. After a pause as long, one is taken at once. */
  readonly maxWaitMs?: number;
  /** Most rows that may wait for one artifact. */
  readonly maxQueuedRows?: number;
  /** After which a request fails with UNAVAILABLE, wherever it then is. */
  readonly deadlineMs?: number;
  /** A thread that is silent for this long over one batch is given up and replaced. */
  readonly stallMs?: number;
  /** Told when a thread is lost. */
  readonly onThreadLost?: (reason: Error) => void;
  /** Told of every batch that was answered. */
  readonly onBatch?: (batch: AnsweredBatch) => void;
  readonly spawn?: SpawnThread;
}

export interface AnsweredBatch {
  readonly tenantId: string;
  readonly rows: number;
  /** Of the job that waited longest for it. */
  readonly queuedMs: number;
  readonly ranMs: number;
}

export interface PoolStats {
  readonly threads: readonly {
    readonly inFlight: number;
    readonly artifacts: number;
    readonly bytes: number;
  }[];
  readonly queuedRows: number;
  /** Since the start. */
  readonly batches: number;
  readonly rows: number;
  readonly loads: number;
  readonly threadsLost: number;
}
