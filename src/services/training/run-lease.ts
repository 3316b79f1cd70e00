import { type ErrorCode } from '../../errors';
import { type PreparationSummary } from '../../learning/preparation/prepared-examples';
import { type TrainingProgress } from '../../learning/training/contract';
import { type StartSummary } from '../../learning/warm-start/start-from';
import { withTimeout } from '../../platform/jobs/with-timeout';
import { type Database } from '../../platform/persistence/database';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { announceProgress } from './progress-channel';
import {
  hasEnded,
  type Interruption,
  type RunPhase,
  type RunState,
  settle,
  type Settlement,
  statesBefore,
} from './run-state';
import { Job } from '../jobs/job.entity';
import { appendLines } from '../jobs/log/append-lines';
import { logLine } from '../jobs/log/log-line';
import { settled } from '../jobs/log/settled';

/** How long the database may take to answer before it counts as away. */
const ANSWER_MS = 30_000;

export interface RunKey {
  readonly tenantId: string;
  readonly runId: string;
}

/** An execution of a run: nobody else has this owner, not even a later execution by the same process. */
export interface LeaseKey extends RunKey {
  readonly owner: string;
}

/** The execution is no longer the one that may write to the run: it has been cancelled, ended or given to another. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';

  constructor(key: LeaseKey) {
    super(`the lease of run ${key.runId} is lost`);
  }
}

/** The job if it has ended, whoever ended it; else null. */
export async function endedJob(database: Database, { tenantId, runId }: RunKey): Promise<Job | null> {
  const job = await withTimeout(
    database.inTenant(tenantId, (scope) => scope.repository(Job).get(runId)),
    ANSWER_MS,
  );
  return job && hasEnded(job.state) ? job : null;
}

/**
 * The right to execute a run. Every write is conditional on still having it, in the same statement, so that
 * of two processes that believe they execute a run only one can change anything, and a run ends once.
 */
export class RunLease {
  constructor(
    private readonly database: Database,
    readonly key: LeaseKey,
  ) {}

  /**
   * Renews the lease. One that has expired is renewed as well, as long as nobody has taken the run:
   * after an outage of the database an execution that is alive goes on.
   */
  async renew(leaseMs: number): Promise<'held' | 'cancel-requested' | 'lost'> {
    return this.inTenant(async (scope) => {
      const [row] = await this.update<{ cancel: boolean }>(scope, {
        set: `lease_expires_at = now() + $4 * interval '1 millisecond'`,
        values: [leaseMs],
        returning: 'cancel_requested_at IS NOT NULL AS cancel',
      });
      if (!row) return 'lost';
      return row.cancel ? 'cancel-requested' : 'held';
    });
  }

  /** @throws LeaseLostError */
  async assertHeld(): Promise<void> {
    const held = await this.inTenant((scope) =>
      scope.query(`SELECT FROM jobs WHERE ${HELD}`, this.parameters()),
    );
    if (held.length === 0) throw new LeaseLostError(this.key);
  }

  /** @throws LeaseLostError; Error when the run's state does not lead to the phase */
  async enter(phase: RunPhase): Promise<void> {
    await this.inTenant(async (scope) => {
      const entered = await this.update(scope, {
        set: 'state = $4',
        values: [phase, statesBefore(phase)],
        where: 'state = ANY($5)',
      });
      if (entered.length === 0) throw await this.refusal(scope, phase);
      await announceProgress(scope, this.key);
    });
  }

  /** @throws LeaseLostError */
  async prepared(preparation: PreparationSummary): Promise<void> {
    await this.write({ set: 'preparation = $4', values: [JSON.stringify(preparation)] });
  }

  /** @throws LeaseLostError */
  async started(start: StartSummary): Promise<void> {
    await this.write({ set: 'warm_start = $4', values: [JSON.stringify(start)] });
  }

  /** @throws LeaseLostError */
  async report({ epochs, ...progress }: TrainingProgress): Promise<void> {
    await this.write({
      set: 'progress = $4, epochs = $5',
      values: [JSON.stringify(progress), JSON.stringify(epochs)],
    });
  }

  /**
   * Says what is stored: an execution that takes over goes on after it.
   * @throws LeaseLostError
   */
  async stored(progress: object): Promise<void> {
    await this.write({ set: 'progress = $4', values: [JSON.stringify(progress)] });
  }

  /**
   * Ends the run well, together with what `record` writes in the same transaction.
   * @throws LeaseLostError also when the run is to be cancelled: a success after that would be a surprise
   */
  async succeed(
    device: string | null,
    record: (scope: TenantScope) => Promise<void>,
    result: object | null = null,
  ): Promise<void> {
    await this.inTenant(async (scope) => {
      const ended = await this.update(scope, {
        set: `${END} state = 'SUCCEEDED', device = $4, result = $6`,
        values: [device, statesBefore('SUCCEEDED'), result && JSON.stringify(result)],
        where: 'state = ANY($5) AND cancel_requested_at IS NULL',
      });
      if (ended.length === 0) throw await this.refusal(scope, 'SUCCEEDED');
      await record(scope);
      await announceProgress(scope, this.key);
    });
  }

  /**
   * Ends the run with an error that its owner can act on.
   * @throws LeaseLostError
   */
  async fail(code: ErrorCode, message: string): Promise<void> {
    await this.write({
      set: `${END} state = 'FAILED', error_code = $4, error_message = $5`,
      values: [code, message],
    });
  }

  /**
   * Gives a run that needs so many bytes to another worker that has them and more than this one; false where there is
   * none, and the run is as it was.
   */
  async moveToLarger(bytes: number): Promise<boolean> {
    const [row] = await this.inTenant((scope) =>
      scope.query<{ moved: boolean }>('SELECT move_job($1, $2, $3) AS moved', [
        this.key.runId,
        this.key.owner,
        Math.ceil(bytes),
      ]),
    );
    return row?.moved ?? false;
  }

  /**
   * Decides what becomes of the run after its execution ended before it did; null when the run had ended.
   *
   * @param onlyIfExpired for whoever is not the execution itself and only believes that it is gone
   */
  async settle(
    interruption: Interruption,
    { onlyIfExpired }: { onlyIfExpired: boolean } = { onlyIfExpired: false },
  ): Promise<(Settlement & { attempt: number }) | null> {
    return this.inTenant(async (scope) => {
      const [run] = await scope.query<OpenRun>(
        `SELECT ${OPEN_RUN}
           FROM jobs
          WHERE ${HELD} ${onlyIfExpired ? 'AND lease_expires_at < now()' : ''}
            FOR UPDATE`,
        this.parameters(),
      );
      if (!run) return null;
      const settlement = settle(run, interruption);
      const said = logLine(run.state, settled(interruption, settlement));
      await appendLines(scope, { jobId: this.key.runId }, [said]);
      await this.applySettlement(scope, settlement);
      await announceProgress(scope, this.key);
      return { ...settlement, attempt: run.attempt };
    });
  }

  private async applySettlement(scope: TenantScope, settlement: Settlement): Promise<void> {
    switch (settlement.state) {
      case 'QUEUED':
        await this.update(scope, {
          set: `${RELEASE} state = 'QUEUED', crashes = $4, enqueued_at = NULL`,
          values: [settlement.crashes],
        });
        return;
      case 'CANCELLED':
        await this.update(scope, { set: `${END} state = 'CANCELLED'`, values: [] });
        return;
      case 'FAILED':
        await this.update(scope, {
          set: `${END} state = 'FAILED', crashes = crashes + 1, error_message = $4,
                error_code = CASE type WHEN 'TRAINING' THEN 'TRAINING_FAILED' ELSE 'UNAVAILABLE' END`,
          values: [settlement.message],
        });
    }
  }

  /** Why a run did not come to a state: it is no longer ours, or is to be cancelled; else the caller is mistaken. */
  private async refusal(scope: TenantScope, state: RunState): Promise<Error> {
    const [run] = await scope.query<OpenRun>(`SELECT ${OPEN_RUN} FROM jobs WHERE ${HELD}`, this.parameters());
    if (!run || run.cancelRequested) return new LeaseLostError(this.key);
    return new Error(`a run does not go from ${run.state} to ${state}`);
  }

  private async write(change: Change): Promise<void> {
    await this.inTenant(async (scope) => {
      const rows = await this.update(scope, change);
      if (rows.length === 0) throw new LeaseLostError(this.key);
      await announceProgress(scope, this.key);
    });
  }

  /** A server that is cut off may never answer. A write that arrives later all the same is fenced like any other. */
  async inTenant<T>(work: (scope: TenantScope) => Promise<T>): Promise<T> {
    return withTimeout(this.database.inTenant(this.key.tenantId, work), ANSWER_MS);
  }

  private async update<R>(scope: TenantScope, change: Change): Promise<R[]> {
    return scope.query<R>(
      `UPDATE jobs SET ${change.set}
        WHERE ${HELD} ${change.where ? `AND ${change.where}` : ''}
        RETURNING ${change.returning ?? 'id'}`,
      [...this.parameters(), ...change.values],
    );
  }

  private parameters(): string[] {
    return [this.key.tenantId, this.key.runId, this.key.owner];
  }
}

/** A fenced update; `$1` to `$3` are the lease's, `values` follow from `$4`. */
interface Change {
  readonly set: string;
  readonly values: readonly unknown[];
  readonly where?: string;
  readonly returning?: string;
}

interface OpenRun {
  readonly state: RunState;
  readonly crashes: number;
  readonly attempt: number;
  readonly cancelRequested: boolean;
}

const OPEN_RUN = 'state, crashes, attempt, cancel_requested_at IS NOT NULL AS "cancelRequested"';
const HELD = 'tenant_id = $1 AND id = $2 AND lease_owner = $3 AND finished_at IS NULL';
const RELEASE = 'lease_owner = NULL, lease_expires_at = NULL,';
const END = `${RELEASE} finished_at = now(),`;
