import { type ErrorCode } from '../../errors';
import { type Database } from '../../platform/persistence/database';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { EventSnapshot } from './event-snapshot.entity';

/** Executions that may end before the snapshot does. */
const MAX_ATTEMPTS = 5;

export interface SnapshotKey {
  readonly tenantId: string;
  readonly snapshotId: string;
  /** An execution of a snapshot: nobody else has this owner. */
  readonly owner: string;
}

/** The execution is no longer the one that may write to the snapshot. */
export class SnapshotLostError extends Error {
  override readonly name = 'SnapshotLostError';
}

const HELD = `tenant_id = $1 AND id = $2 AND lease_owner = $3 AND state = 'RUNNING'`;
const END = 'lease_owner = NULL, lease_expires_at = NULL, finished_at = now()';

/** The right to make a snapshot: every write is conditional on still having it, so that a snapshot ends once. */
export class SnapshotLease {
  constructor(
    private readonly database: Database,
    readonly key: SnapshotKey,
    private readonly leaseMs: number,
  ) {}

  /** Begins an execution; null when somebody else does, or it was begun in vain too often and has failed for it. */
  async take(): Promise<EventSnapshot | null> {
    return this.inTenant(async (scope) => {
      const [row] = await scope.query<{ state: string }>(
        `UPDATE event_snapshots
            SET state = CASE WHEN attempt < ${MAX_ATTEMPTS} THEN 'RUNNING' ELSE 'FAILED' END,
                attempt = least(attempt + 1, ${MAX_ATTEMPTS}), position = 0, event_count = 0,
                started_at = coalesce(started_at, now()),
                lease_owner = CASE WHEN attempt < ${MAX_ATTEMPTS} THEN $3 END,
                lease_expires_at = CASE WHEN attempt < ${MAX_ATTEMPTS} THEN now() + $4 * interval '1 millisecond' END,
                finished_at = CASE WHEN attempt >= ${MAX_ATTEMPTS} THEN now() END,
                error_code = CASE WHEN attempt >= ${MAX_ATTEMPTS} THEN 'UNAVAILABLE' END,
                error_message = CASE WHEN attempt >= ${MAX_ATTEMPTS} THEN $5 END
          WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL
            AND (lease_owner IS NULL OR lease_expires_at < now())
        RETURNING state`,
        [
          ...this.parameters(),
          this.leaseMs,
          `It was begun ${MAX_ATTEMPTS} times, and each time the work ended before it did: ask for another.`,
        ],
      );
      if (row?.state !== 'RUNNING') return null;
      return scope.repository(EventSnapshot).getOrThrow(this.key.snapshotId);
    });
  }

  /**
   * Says how far it is, and keeps the lease.
   * @throws SnapshotLostError
   */
  async report(progress: { readonly position: number; readonly eventCount: number }): Promise<void> {
    await this.write(
      `position = $4, event_count = $5, lease_expires_at = now() + $6 * interval '1 millisecond'`,
      [progress.position, progress.eventCount, this.leaseMs],
    );
  }

  /**
   * Ends it well, together with the dataset that `record` writes in the same transaction.
   * @throws SnapshotLostError
   */
  async succeed(record: (scope: TenantScope) => Promise<{ readonly id: string }>): Promise<void> {
    await this.inTenant(async (scope) => {
      const held = await scope.query(
        `SELECT FROM event_snapshots WHERE ${HELD} FOR UPDATE`,
        this.parameters(),
      );
      if (held.length === 0) throw this.lost();
      const dataset = await record(scope);
      await scope.query(
        `UPDATE event_snapshots SET ${END}, state = 'SUCCEEDED', position = watermark, dataset_id = $4 WHERE ${HELD}`,
        [...this.parameters(), dataset.id],
      );
    });
  }

  /**
   * Ends it with an error that its owner can act on.
   * @throws SnapshotLostError
   */
  async fail(code: ErrorCode, message: string): Promise<void> {
    await this.write(`${END}, state = 'FAILED', error_code = $4, error_message = $5`, [code, message]);
  }

  /** Gives it back, as if this execution had not been; does nothing when it is lost. */
  async release(): Promise<void> {
    await this.inTenant((scope) =>
      scope.query(
        `UPDATE event_snapshots
            SET state = 'QUEUED', attempt = attempt - 1, lease_owner = NULL, lease_expires_at = NULL
          WHERE ${HELD}`,
        this.parameters(),
      ),
    );
  }

  private async write(set: string, values: readonly unknown[]): Promise<void> {
    await this.inTenant(async (scope) => {
      const rows = await scope.query(`UPDATE event_snapshots SET ${set} WHERE ${HELD} RETURNING id`, [
        ...this.parameters(),
        ...values,
      ]);
      if (rows.length === 0) throw this.lost();
    });
  }

  private parameters(): string[] {
    return [this.key.tenantId, this.key.snapshotId, this.key.owner];
  }

  private lost(): SnapshotLostError {
    return new SnapshotLostError(`the lease of snapshot ${this.key.snapshotId} is lost`);
  }

  private inTenant<T>(work: (scope: TenantScope) => Promise<T>): Promise<T> {
    return this.database.inTenant(this.key.tenantId, work);
  }
}
