import { randomUUID } from 'node:crypto';
import { In } from 'typeorm';
import { AppError } from '../../errors';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { currentTraceparent } from '../../platform/telemetry/tracing';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type JobRequests } from '../jobs/job-requests';
import { requireRoom } from '../quotas/require-room';
import { deviceWithinQuota } from '../quotas/training-quota';
import { announceProgress } from '../training/progress-channel';
import { runInputs, type StartTraining } from '../training/run-inputs';
import { TrainingRun } from '../training/training-run.entity';
import { planStudy, type StudyInput } from './study-plan';
import { askForRuns } from './study-runs';
import { TrainingStudy } from './training-study.entity';

export type StartStudy = Omit<StartTraining, 'startFrom'> & StudyInput;

/** Cancels what has not ended, at once where nobody executes it. */
const CANCEL = `
UPDATE jobs
   SET cancel_requested_at = coalesce(cancel_requested_at, now()),
       state = CASE WHEN lease_owner IS NULL THEN 'CANCELLED' ELSE state END,
       finished_at = CASE WHEN lease_owner IS NULL THEN now() END
 WHERE tenant_id = $1 AND study_id = $2 AND finished_at IS NULL
RETURNING id, attempt > 0 AND finished_at IS NOT NULL AS "leavesSomething"`;

/** The studies of a tenant: asked for, watched and called off. The workers go on with them. */
export class StudiesService {
  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly jobs: JobRequests,
  ) {}

  /**
   * Asks for a study with the configuration in force, and with it for the trainings of all its trials. Once this has returned,
   * it is gone through with, whatever process dies.
   * @throws AppError as `TrainingService.start`; BAD_USER_INPUT with the path of each issue
   */
  async start(ctx: TenantContext, input: StartStudy): Promise<TrainingStudy> {
    const { study, first } = await this.inTenant(ctx, async (scope) => {
      const device = await deviceWithinQuota(scope, ctx, input.device ?? 'AUTO');
      await requireRoom(scope, ctx, { STORED_BYTES: 1 });
      const { configuration, ...inputs } = await runInputs(scope, {
        ...input,
        device,
        priority: input.priority ?? 'LOW',
      });
      const { plan, overrides } = planStudy(input, configuration);
      const { kind, datasetId, configurationId } = inputs;
      const study = await scope.repository(TrainingStudy).insert({
        ...{ kind, datasetId, configurationId, plan, state: 'RUNNING', requestedBy: ctx.actor.id },
        method: plan.search === null ? 'CROSS_VALIDATION' : 'SEARCH',
      });
      const first = await scope.repository(TrainingRun).insert({
        ...inputs,
        state: 'QUEUED',
        requestedBy: ctx.actor.id,
        requestId: ctx.requestId,
        traceparent: currentTraceparent(),
        studyId: study.id,
        trial: 0,
        overrides: overrides[0] ?? null,
      });
      await askForRuns(
        scope,
        first.id,
        overrides.slice(1).map((each, index) => ({ trial: index + 1, rung: 0, overrides: each })),
      );
      recordChange(scope, ctx, {
        action: 'STUDY_STARTED',
        objectId: study.id,
        before: null,
        after: {
          ...{ kind, datasetId, configurationId, method: study.method },
          trials: plan.trials.length,
          ...(plan.search && { search: plan.search }),
        },
      });
      return { study, first };
    });
    // A worker that has begun one goes on with the next; the others are told by their reconcilers.
    await this.jobs.enqueue(ctx, first);
    return study;
  }

  /**
   * Calls a study off, and with it its trainings that have not ended. Calling it off twice is no error.
   * @throws AppError NOT_FOUND; CONFLICT when it has ended already in another way
   */
  async cancel(ctx: TenantContext, id: string): Promise<TrainingStudy> {
    const { study, leaving } = await this.inTenant(ctx, async (scope) => {
      const studies = scope.repository(TrainingStudy);
      const before = await studies.getForUpdate(id);
      if (before.state === 'CANCELLED') return { study: before, leaving: [] };
      if (before.finishedAt !== null)
        throw new AppError(
          'CONFLICT',
          `This study has ended already: it ${before.state === 'FAILED' ? 'failed' : 'succeeded'}.`,
        );
      const cancelled = await scope.query<{ id: string; leavesSomething: boolean }>(CANCEL, [
        scope.tenantId,
        id,
      ]);
      for (const { id: runId } of cancelled)
        await announceProgress(scope, { tenantId: scope.tenantId, runId });
      await studies.update({ id }, { state: 'CANCELLED', finishedAt: new Date() });
      recordChange(scope, ctx, {
        action: 'STUDY_CANCELLED',
        objectId: id,
        before: { state: before.state },
        after: { state: 'CANCELLED', trainings: cancelled.length },
      });
      const ids = cancelled.flatMap(({ id: runId, leavesSomething }) => (leavesSomething ? [runId] : []));
      return {
        study: await studies.getOrThrow(id),
        leaving: await scope.repository(TrainingRun).find({ id: In(ids) }),
      };
    });
    // They had begun and waited to go on: a worker removes what they have stored.
    for (const run of leaving) await this.jobs.enqueue(ctx, run, randomUUID());
    return study;
  }

  /** @throws AppError NOT_FOUND */
  async get(ctx: TenantContext, id: string): Promise<TrainingStudy> {
    return this.inTenant(ctx, (scope) => scope.repository(TrainingStudy).getOrThrow(id));
  }

  /** Newest first, of one kind or of all. */
  async list(
    ctx: TenantContext,
    { kind, ...page }: PageRequest & { kind?: string },
  ): Promise<Page<TrainingStudy>> {
    return this.inTenant(ctx, (scope) =>
      scope
        .repository(TrainingStudy)
        .page(page, { where: kind === undefined ? {} : { kind }, orderBy: 'sequence' }),
    );
  }

  /** The runs of some studies, by the id of each. */
  async runsOf(ctx: TenantContext, ids: readonly string[]): Promise<Map<string, TrainingRun[]>> {
    const runs = await this.inTenant(ctx, (scope) =>
      scope.repository(TrainingRun).find({ studyId: In([...ids]) }, { order: { sequence: 'ASC' } }),
    );
    return new Map(ids.map((id) => [id, runs.filter(({ studyId }) => studyId === id)]));
  }

  private inTenant<T>(ctx: TenantContext, work: (scope: TenantScope) => Promise<T>): Promise<T> {
    return this.database.inTenant(ctx.actor.tenantId, work);
  }
}
