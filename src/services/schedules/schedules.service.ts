import { AppError, type Issue } from '../../errors';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { Dataset } from '../datasets/dataset.entity';
import { cronProblem, nextRun, timeZoneProblem } from './cron';
import { type StartRule } from '../training/start-version';
import { type PromoteRule, RetrainingSchedule } from './retraining-schedule.entity';
import { Retraining } from './retraining.entity';

export interface SetSchedule {
  readonly domain: string;
  readonly cron?: string | null | undefined;
  readonly timeZone?: string | null | undefined;
  readonly onDrift?: boolean | null | undefined;
  readonly coolDownHours?: number | null | undefined;
  readonly datasetId?: string | null | undefined;
  readonly promote?: PromoteRule | null | undefined;
  readonly startFrom?: StartRule | null | undefined;
}

const MOST_HOURS = 8_760;
const DEFAULTS = {
  timeZone: 'UTC',
  onDrift: false,
  coolDownHours: 24,
  promote: 'NEVER' as const,
  startFrom: 'CHAMPION' as const,
};

/** When a tenant's domains are trained again. The workers see to it. */
export class SchedulesService {
  constructor(private readonly database: Pick<Database, 'inTenant'>) {}

  /**
   * Sets the schedule of a domain, in the place of the one before.
   * @throws AppError BAD_USER_INPUT; NOT_FOUND for the dataset
   */
  async set(ctx: TenantContext, input: SetSchedule): Promise<RetrainingSchedule> {
    const { domain } = input;
    const values = {
      cron: input.cron ?? null,
      timeZone: input.timeZone ?? DEFAULTS.timeZone,
      onDrift: input.onDrift ?? DEFAULTS.onDrift,
      coolDownHours: input.coolDownHours ?? DEFAULTS.coolDownHours,
      datasetId: input.datasetId ?? null,
      promote: input.promote ?? DEFAULTS.promote,
      startFrom: input.startFrom ?? DEFAULTS.startFrom,
    };
    check(values);
    const nextAt = values.cron === null ? null : nextRun(values.cron, values.timeZone, new Date());
    return this.inTenant(ctx, async (scope) => {
      await checkDataset(scope, domain, values.datasetId);
      await scope.query(`SELECT pg_advisory_xact_lock(hashtextextended('schedules ' || $1, 0))`, [
        scope.tenantId,
      ]);
      const schedules = scope.repository(RetrainingSchedule);
      const before = await schedules.findOne({ domain });
      const changes = { ...values, nextAt, createdBy: ctx.actor.id };
      if (before) await schedules.update({ id: before.id }, changes);
      const schedule = before
        ? await schedules.getOrThrow(before.id)
        : await schedules.insert({ domain, ...changes });
      recordChange(scope, ctx, {
        action: 'RETRAINING_SCHEDULED',
        objectId: schedule.id,
        before: before && visible(before),
        after: visible(schedule),
      });
      return schedule;
    });
  }

  /** What is under way goes on, unwatched. @throws AppError NOT_FOUND */
  async delete(ctx: TenantContext, id: string): Promise<RetrainingSchedule> {
    return this.inTenant(ctx, async (scope) => {
      const schedule = await scope.repository(RetrainingSchedule).getForUpdate(id);
      await scope.repository(RetrainingSchedule).delete({ id });
      recordChange(scope, ctx, {
        action: 'RETRAINING_UNSCHEDULED',
        objectId: id,
        before: visible(schedule),
        after: null,
      });
      return schedule;
    });
  }

  /** One per domain at most. */
  async list(ctx: TenantContext): Promise<RetrainingSchedule[]> {
    return this.inTenant(ctx, (scope) =>
      scope.repository(RetrainingSchedule).find({}, { order: { domain: 'ASC' } }),
    );
  }

  /** Newest first. @throws AppError NOT_FOUND for the schedule */
  async retrainings(ctx: TenantContext, scheduleId: string, page: PageRequest): Promise<Page<Retraining>> {
    return this.inTenant(ctx, async (scope) => {
      await scope.repository(RetrainingSchedule).getOrThrow(scheduleId);
      return scope.repository(Retraining).page(page, { where: { scheduleId }, orderBy: 'sequence' });
    });
  }

  private inTenant<T>(ctx: TenantContext, work: (scope: TenantScope) => Promise<T>): Promise<T> {
    return this.database.inTenant(ctx.actor.tenantId, work);
  }
}

type Checked = Pick<RetrainingSchedule, 'cron' | 'timeZone' | 'onDrift' | 'coolDownHours'>;

function check({ cron, timeZone, onDrift, coolDownHours }: Checked): void {
  const issues: Issue[] = [];
  const complain = (path: string, message: string | null) => {
    if (message !== null) issues.push({ path, message });
  };
  const zone = timeZoneProblem(timeZone);
  complain('timeZone', zone);
  if (cron !== null && zone === null) complain('cron', cronProblem(cron, timeZone));
  if (cron === null && !onDrift) complain('cron', 'is needed, unless onDrift is true');
  if (!(coolDownHours >= 1 && coolDownHours <= MOST_HOURS))
    complain('coolDownHours', `must be from 1 to ${MOST_HOURS}`);
  const [first] = issues;
  if (first) throw new AppError('BAD_USER_INPUT', `The field "${first.path}" ${first.message}.`, issues);
}

async function checkDataset(scope: TenantScope, domain: string, id: string | null): Promise<void> {
  if (id === null) return;
  const dataset = await scope.repository(Dataset).getOrThrow(id);
  if (dataset.kind === domain && dataset.state === 'READY') return;
  const message = `must be a dataset of ${domain} that is READY`;
  throw new AppError('BAD_USER_INPUT', `The field "datasetId" ${message}.`, [{ path: 'datasetId', message }]);
}

function visible(schedule: RetrainingSchedule): object {
  const { domain, cron, timeZone, onDrift, coolDownHours, datasetId, promote, startFrom } = schedule;
  return { domain, cron, timeZone, onDrift, coolDownHours, datasetId, promote, startFrom };
}
