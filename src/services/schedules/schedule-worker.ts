import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { messageOf } from '../../errors';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { StoredDrift } from '../monitoring/drift-report.entity';
import { nextRun } from './cron';
import { nextStep, type RetrainParts, type Step } from './retrain';
import { RetrainingSchedule } from './retraining-schedule.entity';
import { Retraining, type RetrainingReason } from './retraining.entity';

/** How long a worker that fell silent keeps a schedule to itself. */
const LEASE_SECONDS = 120;

const TAKE = `
UPDATE retraining_schedules SET leased_until = now() + make_interval(secs => $3)
 WHERE tenant_id = $1 AND id = $2 AND leased_until < now() RETURNING leased_until::text AS lease`;
/** Only while nobody else has taken it. */
const HOLD = `
SELECT 1 AS mine FROM retraining_schedules
 WHERE tenant_id = $1 AND id = $2 AND leased_until = $3::timestamptz FOR UPDATE`;
const RELEASE = `
UPDATE retraining_schedules SET leased_until = '-infinity'
 WHERE tenant_id = $1 AND id = $2 AND leased_until = $3::timestamptz`;
const OPEN = `
SELECT id FROM retrainings WHERE tenant_id = $1 AND schedule_id = $2 AND state IN ('PREPARING', 'TRAINING')`;

interface Place {
  readonly tenantId: string;
  readonly scheduleId: string;
}

export interface ScheduleWorkerOptions extends RetrainParts {
  readonly logger: Logger;
  readonly pollMs?: number;
}

/**
 * Has domains trained again when their schedules say so, until it is closed. Any number may do so: each takes what is due and
 * nobody else has. Runs that were missed are made up for by one.
 */
export class ScheduleWorker {
  private readonly closing = new AbortController();
  private loop: Promise<void> | null = null;

  constructor(private readonly options: ScheduleWorkerOptions) {}

  start(): void {
    this.loop ??= this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
  }

  /** One step of everything that is due. */
  async stepDue(): Promise<void> {
    const { database, logger } = this.options;
    const due = await database.asPlatform((scope) =>
      scope.query<Place>(
        'SELECT tenant_id AS "tenantId", schedule_id AS "scheduleId" FROM due_retrainings()',
      ),
    );
    for (const place of due) {
      if (this.closing.signal.aborted) return;
      try {
        await this.step(place);
      } catch (error) {
        // It is due again when the lease has run out.
        logger.warn({ ...place, error: messageOf(error) }, 'a schedule could not be kept for now');
      }
    }
  }

  private async step({ tenantId, scheduleId }: Place): Promise<void> {
    const { database } = this.options;
    const [taken] = await database.inTenant(tenantId, (scope) =>
      scope.query<{ lease: string }>(TAKE, [tenantId, scheduleId, LEASE_SECONDS]),
    );
    if (!taken) return;
    const key = [tenantId, scheduleId, taken.lease];
    const under = await database.inTenant(tenantId, async (scope) => {
      const schedule = await scope.repository(RetrainingSchedule).get(scheduleId);
      return schedule && { schedule, retraining: await begin(scope, schedule, key) };
    });
    if (under?.retraining) {
      const { schedule, retraining } = under;
      const ctx: TenantContext = {
        requestId: `retraining-${retraining.id}`,
        actor: { id: schedule.createdBy, role: 'TENANT_ADMIN', tenantId },
      };
      const step = await nextStep(this.options, ctx, { schedule, retraining });
      await database.inTenant(tenantId, (scope) => write(scope, { retraining, step, key }));
    }
    await database.inTenant(tenantId, (scope) => scope.query(RELEASE, key));
  }

  private async run(): Promise<void> {
    const { logger, pollMs = 5_000 } = this.options;
    while (!this.closing.signal.aborted) {
      try {
        await this.stepDue();
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'no schedule can be kept for now');
      }
      await sleep(pollMs, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
  }
}

/** The one that is under way, else a new one if the schedule says so. */
async function begin(
  scope: TenantScope,
  schedule: RetrainingSchedule,
  key: readonly string[],
): Promise<Retraining | null> {
  const retrainings = scope.repository(Retraining);
  const [open] = await scope.query<{ id: string }>(OPEN, [scope.tenantId, schedule.id]);
  if (open) return retrainings.getOrThrow(open.id);
  const now = new Date();
  const reason = await reasonOf(scope, schedule, now);
  const [mine] = await scope.query(HOLD, [...key]);
  if (reason === null || !mine) return null;
  const { cron, timeZone } = schedule;
  await scope.repository(RetrainingSchedule).update(
    { id: schedule.id },
    {
      lastStartedAt: now,
      // Whatever was missed until now is made up for by this one.
      nextAt: cron === null ? null : nextRun(cron, timeZone, now),
    },
  );
  return retrainings.insert({ scheduleId: schedule.id, reason, state: 'PREPARING' });
}

async function reasonOf(
  scope: TenantScope,
  { domain, nextAt, onDrift, lastStartedAt, createdAt, coolDownHours }: RetrainingSchedule,
  now: Date,
): Promise<RetrainingReason | null> {
  if (nextAt !== null && nextAt <= now) return 'CRON';
  const cooledAt = lastStartedAt === null ? 0 : lastStartedAt.getTime() + coolDownHours * 3_600_000;
  if (!onDrift || cooledAt > now.getTime()) return null;
  const last = await scope.repository(StoredDrift).findOne({ domain }, { order: { sequence: 'DESC' } });
  return last?.state === 'DRIFTED' && last.computedAt > (lastStartedAt ?? createdAt) ? 'DRIFT' : null;
}

async function write(
  scope: TenantScope,
  {
    retraining: { id },
    step,
    key,
  }: { readonly retraining: Retraining; readonly step: Step; readonly key: readonly string[] },
): Promise<void> {
  const [mine] = await scope.query(HOLD, [...key]);
  if (step === null || !mine) return;
  const hasEnded = step.state === 'SUCCEEDED' || step.state === 'FAILED';
  await scope
    .repository(Retraining)
    .update({ id }, { ...step, ...(hasEnded ? { endedAt: new Date() } : {}) });
}
