import { type ErrorCode } from '../../errors';
import { type Database } from '../../platform/persistence/database';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type ErasureProgress, NOTHING_DONE } from './erasure/erasure-progress';
import { SubjectRequest } from './subject-request.entity';

export interface RequestKey {
  readonly tenantId: string;
  readonly requestId: string;
  /** An execution of a request: nobody else has this owner. */
  readonly owner: string;
}

/** The execution is no longer the one that may write to the request. */
export class RequestLostError extends Error {
  override readonly name = 'RequestLostError';
}

const HELD = `tenant_id = $1 AND id = $2 AND lease_owner = $3 AND state = 'RUNNING'`;
const FREE = 'lease_owner = NULL, lease_expires_at = NULL';
/** Whom it was about is forgotten with its end. */
const END = `${FREE}, finished_at = now(), subject = NULL, progress = NULL, wake_at = NULL`;

/**
 * The right to work on a request: every write is conditional on still having it. A request is never given up for having
 * failed too often, because somebody has a right to it: it is tried again, later and later.
 */
export class RequestLease {
  constructor(
    private readonly database: Database,
    readonly key: RequestKey,
    private readonly leaseMs: number,
  ) {}

  /** Begins an execution; null when somebody else does. */
  async take(): Promise<SubjectRequest | null> {
    return this.inTenant(async (scope) => {
      const rows = await scope.query(
        `UPDATE subject_requests
            SET state = 'RUNNING', attempt = attempt + 1, started_at = coalesce(started_at, now()),
                lease_owner = $3, lease_expires_at = now() + $4 * interval '1 millisecond', wake_at = NULL
          WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL
            AND (lease_owner IS NULL OR lease_expires_at < now())
        RETURNING id`,
        [...this.parameters(), this.leaseMs],
      );
      if (rows.length === 0) return null;
      return scope.repository(SubjectRequest).getOrThrow(this.key.requestId);
    });
  }

  /**
   * Keeps the lease.
   * @throws RequestLostError
   */
  async renew(): Promise<void> {
    await this.write(`lease_expires_at = now() + $4 * interval '1 millisecond'`, [this.leaseMs]);
  }

  /**
   * Does a step and writes what is done, in one transaction.
   * @throws RequestLostError
   */
  async step(
    work: (scope: TenantScope, progress: ErasureProgress) => Promise<ErasureProgress>,
  ): Promise<ErasureProgress> {
    return this.inTenant(async (scope) => {
      const [row] = await scope.query<{ progress: ErasureProgress | null }>(
        `SELECT progress FROM subject_requests WHERE ${HELD} FOR UPDATE`,
        this.parameters(),
      );
      if (!row) throw this.lost();
      const progress = await work(scope, { ...NOTHING_DONE, ...row.progress });
      await scope.query(
        `UPDATE subject_requests SET progress = $4, lease_expires_at = now() + $5 * interval '1 millisecond' WHERE ${HELD}`,
        [...this.parameters(), JSON.stringify(progress), this.leaseMs],
      );
      return progress;
    });
  }

  /**
   * Ends it well, with whatever `record` writes in the same transaction.
   * @throws RequestLostError
   */
  async succeed(
    result: object,
    {
      keepDays = null,
      record,
    }: {
      readonly keepDays?: number | null;
      readonly record?: (scope: TenantScope) => Promise<void>;
    } = {},
  ): Promise<void> {
    await this.inTenant(async (scope) => {
      const rows = await scope.query(
        `UPDATE subject_requests
            SET ${END}, state = 'SUCCEEDED', result = $4, expires_at = now() + make_interval(days => $5::integer)
          WHERE ${HELD} RETURNING id`,
        [...this.parameters(), JSON.stringify(result), keepDays],
      );
      if (rows.length === 0) throw this.lost();
      await record?.(scope);
    });
  }

  /**
   * Ends it with an error that its owner can act on.
   * @throws RequestLostError
   */
  async fail(code: ErrorCode, message: string): Promise<void> {
    await this.write(`${END}, state = 'FAILED', error_code = $4, error_message = $5`, [code, message]);
  }

  /** Gives it back, to be taken up after a while; does nothing when it is lost. */
  async release(afterMs = 0): Promise<void> {
    await this.inTenant((scope) =>
      scope.query(
        `UPDATE subject_requests SET ${FREE}, state = 'QUEUED', wake_at = now() + $4 * interval '1 millisecond'
          WHERE ${HELD}`,
        [...this.parameters(), afterMs],
      ),
    );
  }

  private async write(set: string, values: readonly unknown[]): Promise<void> {
    await this.inTenant(async (scope) => {
      const rows = await scope.query(`UPDATE subject_requests SET ${set} WHERE ${HELD} RETURNING id`, [
        ...this.parameters(),
        ...values,
      ]);
      if (rows.length === 0) throw this.lost();
    });
  }

  private parameters(): string[] {
    return [this.key.tenantId, this.key.requestId, this.key.owner];
  }

  private lost(): RequestLostError {
    return new RequestLostError(`the lease of request ${this.key.requestId} is lost`);
  }

  private inTenant<T>(work: (scope: TenantScope) => Promise<T>): Promise<T> {
    return this.database.inTenant(this.key.tenantId, work);
  }
}
