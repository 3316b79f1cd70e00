import { AppError } from '../../../errors';
import { withTimeout } from '../../../platform/jobs/with-timeout';

export interface GroupCommitOptions<Row> {
  /** Commits rows of one tenant, all or none. */
  readonly commit: (tenantId: string, rows: readonly Row[]) => Promise<void>;
  readonly bytesOf: (row: Row) => number;
  /** Most rows of a commit. */
  readonly maxRows?: number;
  /** Most bytes of a commit that holds more than one row. */
  readonly maxBytes?: number;
  /** Most rows and bytes that wait, over all tenants. */
  readonly maxWaitingRows?: number;
  readonly maxWaitingBytes?: number;
  /** Commits at a time, of different tenants: what is left of the connections is for others. */
  readonly concurrency?: number;
  /** Longest that a row waits for its commit to begin, and longest that a commit takes. */
  readonly deadlineMs?: number;
}

interface Waiting<Row> {
  readonly row: Row;
  readonly bytes: number;
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const DEFAULTS = {
  maxRows: 1_000,
  maxBytes: 8 * 2 ** 20,
  maxWaitingRows: 50_000,
  maxWaitingBytes: 128 * 2 ** 20,
  concurrency: 3,
  deadlineMs: 5_000,
};

/**
 * Commits rows many at a time: those of a tenant that come in the same turn of the event loop, or while others of it
 * are committed, share one commit. Nobody waits for more to come. Tenants take turns.
 */
export class GroupCommit<Row> {
  private readonly options: Required<GroupCommitOptions<Row>>;
  /** By tenant, in the order of their turns; none is empty. */
  private readonly queues = new Map<string, Waiting<Row>[]>();
  private readonly committing = new Set<string>();
  private rows = 0;
  private bytes = 0;
  private scheduled = false;

  constructor(options: GroupCommitOptions<Row>) {
    this.options = { ...DEFAULTS, ...options };
  }

  /**
   * Resolves once the row is committed.
   * @throws AppError UNAVAILABLE when too much waits, or the commit does not come in time: then it may yet be made
   */
  add(tenantId: string, row: Row): Promise<void> {
    const bytes = this.options.bytesOf(row);
    const { maxWaitingRows, maxWaitingBytes } = this.options;
    if (this.rows >= maxWaitingRows || this.bytes + bytes > maxWaitingBytes) return Promise.reject(tooMany());
    this.rows += 1;
    this.bytes += bytes;
    return new Promise((resolve, reject) => {
      const waiting = { row, bytes, since: performance.now(), resolve, reject };
      const queue = this.queues.get(tenantId);
      if (queue) queue.push(waiting);
      else this.queues.set(tenantId, [waiting]);
      this.schedule();
    });
  }

  /** After everything else that is at hand, so that what one tick of requests brings is committed together. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.start();
    });
  }

  private start(): void {
    for (const [tenantId, queue] of this.queues) {
      if (this.committing.size >= this.options.concurrency) return;
      if (this.committing.has(tenantId)) continue;
      const batch = this.take(queue);
      // Behind those of the others, if anything is left.
      this.queues.delete(tenantId);
      if (queue.length > 0) this.queues.set(tenantId, queue);
      if (batch.length === 0) continue;
      this.committing.add(tenantId);
      void this.run(tenantId, batch).finally(() => {
        this.committing.delete(tenantId);
        this.schedule();
      });
    }
  }

  /** The next rows of a queue, without those that have waited too long. */
  private take(queue: Waiting<Row>[]): readonly Waiting<Row>[] {
    const { maxRows, maxBytes, deadlineMs } = this.options;
    const oldest = performance.now() - deadlineMs;
    const batch: Waiting<Row>[] = [];
    let taken = 0;
    let bytes = 0;
    for (const waiting of queue) {
      if (batch.length >= maxRows || (batch.length > 0 && bytes + waiting.bytes > maxBytes)) break;
      taken += 1;
      this.rows -= 1;
      this.bytes -= waiting.bytes;
      if (waiting.since < oldest) {
        waiting.reject(tooMany());
        continue;
      }
      batch.push(waiting);
      bytes += waiting.bytes;
    }
    queue.splice(0, taken);
    return batch;
  }

  private async run(tenantId: string, batch: readonly Waiting<Row>[]): Promise<void> {
    try {
      const { commit, deadlineMs } = this.options;
      const rows = batch.map(({ row }) => row);
      await withTimeout(commit(tenantId, rows), deadlineMs);
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

function tooMany(): AppError {
  return new AppError(
    'UNAVAILABLE',
    'more predictions are to be recorded than the database takes: ask again later, or without the id',
  );
}
