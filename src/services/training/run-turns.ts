import { randomUUID } from 'node:crypto';
import { retryWithBackoff } from '../../platform/jobs/backoff';
import { withTimeout } from '../../platform/jobs/with-timeout';
import { type Database } from '../../platform/persistence/database';
import { isOutage } from './run-journal';
import { RunLease } from './run-lease';

/** How long the database may take to answer before it counts as away. */
const ANSWER_MS = 30_000;
const RETRY = { firstDelayMs: 100, longestDelayMs: 2_000 };

/** A run that has its turn. */
export interface NextRun {
  readonly tenantId: string;
  readonly runId: string;
  /** Executions that have begun, the one that it was taken for included. */
  readonly attempt: number;
  /** The API key that asked for it. */
  readonly actorId: string;
  readonly requestId: string;
}

/** A run that was taken, and the right to execute it. */
export interface TakenRun extends NextRun {
  readonly lease: RunLease;
}

export interface JobDescription {
  readonly type: string;
  readonly traceparent: string | null;
}

const COLUMNS = `tenant_id AS "tenantId", job_id AS "runId", attempt, actor_id AS "actorId", request_id AS "requestId"`;

/** Whose run is next, over all tenants: decided in the database from the runs' rows, at the moment a worker is free. */
export class RunTurns {
  /** @param workerId the worker that asks; without one, whoever asks has no GPU, and nobody knows its memory */
  constructor(
    private readonly database: Database,
    private readonly workerId: string | null = null,
  ) {}

  /**
   * Begins an execution of the run whose turn it is; null when none waits that may begin. Asks again while the database
   * is away, until the signal is aborted. An answer that is lost on the way is given again.
   */
  async take(leaseMs: number, signal: AbortSignal): Promise<TakenRun | null> {
    const owner = randomUUID();
    const ask = (): Promise<NextRun[]> =>
      withTimeout(
        this.database.atOnce<NextRun>(`SELECT ${COLUMNS} FROM take_job($1, $2, $3)`, [
          owner,
          leaseMs,
          this.workerId,
        ]),
        ANSWER_MS,
      );
    const [run] = await retryWithBackoff(ask, isOutage, { ...RETRY, signal });
    if (!run) return null;
    const { tenantId, runId } = run;
    return { ...run, lease: new RunLease(this.database, { tenantId, runId, owner }) };
  }

  /**
   * What a job is, in lower case, and to which trace it belongs, for whoever watches: what is not known for now keeps
   * nothing from being executed.
   */
  async describe({ tenantId, runId }: Pick<NextRun, 'tenantId' | 'runId'>): Promise<JobDescription> {
    const rows = await withTimeout(
      this.database.inTenant(tenantId, (scope) =>
        scope.query<JobDescription>(
          'SELECT lower(type) AS type, traceparent FROM jobs WHERE tenant_id = $1 AND id = $2',
          [tenantId, runId],
        ),
      ),
      ANSWER_MS,
    ).catch(() => []);
    return rows[0] ?? { type: 'unknown', traceparent: null };
  }

  /** The run that this worker would be given now; null when none waits that it may begin. */
  async next(): Promise<NextRun | null> {
    const [run] = await this.database.asPlatform((scope) =>
      scope.query<NextRun>(`SELECT ${COLUMNS} FROM next_job($1)`, [this.workerId]),
    );
    return run ?? null;
  }
}
