import { In } from 'typeorm';
import { AppError } from '../../errors';
import { recordChange } from '../../platform/audit/record-change';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { currentTraceparent } from '../../platform/telemetry/tracing';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { JobRequests, type JobRequestsOptions } from '../jobs/job-requests';
import { requireRoom } from '../quotas/require-room';
import { deviceWithinQuota } from '../quotas/training-quota';
import { announceProgress } from './progress-channel';
import { type RunOutlook } from './run-outlook';
import { runInputs, type StartTraining } from './run-inputs';
import { TrainingRun } from './training-run.entity';

export type { StartTraining } from './run-inputs';

export type TrainingServiceOptions = JobRequestsOptions;

/** The trainings of a tenant: asked for, watched and called off. */
export class TrainingService {
  readonly jobs: JobRequests;

  constructor(private readonly options: TrainingServiceOptions) {
    this.jobs = new JobRequests(options);
  }

  /**
   * Asks for a training with the configuration in force. Once this has returned, the run is executed, whatever
   * process dies: its row is written, and every worker looks for rows that have no job.
   *
   * @throws AppError NOT_FOUND for the data set; CONFLICT when it has no content, is of another kind, or when the
   * domain is not configured, or the version to start from cannot be started from; BAD_USER_INPUT when the entities' data sets are not those of the configuration; MAPPING_UNCONFIRMED when it is not certain which its columns are;
   * QUOTA_EXCEEDED
   */
  async start(ctx: TenantContext, input: StartTraining): Promise<TrainingRun> {
    const run = await this.inTenant(ctx, async (scope) => {
      const requestedDevice = await deviceWithinQuota(scope, ctx, input.device ?? 'AUTO');
      await requireRoom(scope, ctx, { STORED_BYTES: 1 });
      const { configuration, ...inputs } = await runInputs(scope, { ...input, device: requestedDevice });
      const { entities, startVersionId: startVersion } = inputs;
      const inserted = await scope.repository(TrainingRun).insert({
        ...inputs,
        state: 'QUEUED',
        requestedBy: ctx.actor.id,
        requestId: ctx.requestId,
        traceparent: currentTraceparent(),
      });
      await announceProgress(scope, { tenantId: ctx.actor.tenantId, runId: inserted.id });
      recordChange(scope, ctx, {
        action: 'TRAINING_STARTED',
        objectId: inserted.id,
        before: null,
        after: {
          kind: input.kind,
          datasetId: inputs.datasetId,
          entities: entities.map(({ name, datasetId }) => ({ name, datasetId })),
          configurationId: configuration.id,
          ...(requestedDevice !== 'AUTO' && { device: requestedDevice }),
          ...(startVersion !== null && { startVersionId: startVersion }),
        },
      });
      return inserted;
    });
    await this.jobs.enqueue(ctx, run);
    return run;
  }

  /**
   * Asks again for a run that failed or was cancelled, with its dataset, mapping, cleaning and configuration as they
   * were. It is a run of its own in the queue, and goes on from the checkpoint of the one that failed.
   *
   * @throws AppError NOT_FOUND; CONFLICT when the run has not ended, or has succeeded; QUOTA_EXCEEDED
   */
  async retry(ctx: TenantContext, id: string): Promise<TrainingRun> {
    const run = await this.inTenant(ctx, async (scope) => {
      const runs = scope.repository(TrainingRun);
      const former = await runs.getForUpdate(id);
      const {
        kind,
        datasetId,
        configurationId,
        mapping,
        entities,
        cleaning,
        priority,
        startVersionId,
        requestedDevice,
        overrides,
        state,
      } = former;
      if (former.trial !== null)
        throw new AppError(
          'CONFLICT',
          'This run is a trial of a study, which has gone on without it: start another study, or train by itself what it tried.',
        );
      if (state !== 'FAILED' && state !== 'CANCELLED')
        throw new AppError(
          'CONFLICT',
          state === 'SUCCEEDED'
            ? 'This run has succeeded: start a new one to train again.'
            : 'This run has not ended yet: only one that failed or was cancelled can be asked for again.',
        );
      const device = await deviceWithinQuota(scope, ctx, requestedDevice);
      await requireRoom(scope, ctx, { STORED_BYTES: 1 });
      const { id: runId } = await runs.insert({
        ...{
          kind,
          datasetId,
          configurationId,
          mapping,
          entities,
          cleaning,
          priority,
          startVersionId,
          requestedDevice: device,
          overrides,
        },
        retryOf: former.id,
        state: 'QUEUED',
        requestedBy: ctx.actor.id,
        requestId: ctx.requestId,
        traceparent: currentTraceparent(),
      });
      await announceProgress(scope, { tenantId: ctx.actor.tenantId, runId });
      recordChange(scope, ctx, {
        action: 'TRAINING_RETRIED',
        objectId: runId,
        before: null,
        after: { kind, datasetId, configurationId, retryOf: former.id },
      });
      return runs.getOrThrow(runId);
    });
    await this.jobs.enqueue(ctx, run);
    return run;
  }

  /** @throws AppError NOT_FOUND */
  async get(ctx: TenantContext, id: string): Promise<TrainingRun> {
    return this.inTenant(ctx, (scope) => scope.repository(TrainingRun).getOrThrow(id));
  }

  /** The runs with these ids that the tenant has, in no order. */
  async byIds(ctx: TenantContext, ids: readonly string[]): Promise<TrainingRun[]> {
    return this.inTenant(ctx, (scope) => scope.repository(TrainingRun).find({ id: In([...ids]) }));
  }

  /** Newest first, of one kind or of all. */
  async list(
    ctx: TenantContext,
    { kind, ...page }: PageRequest & { kind?: string },
  ): Promise<Page<TrainingRun>> {
    return this.inTenant(ctx, (scope) =>
      scope
        .repository(TrainingRun)
        .page(page, { where: kind === undefined ? {} : { kind }, orderBy: 'sequence' }),
    );
  }

  /** What the tenant's runs with these ids have before them, by id; those that have ended are absent. */
  async outlooks(ctx: TenantContext, ids: readonly string[]): Promise<Map<string, RunOutlook>> {
    return this.jobs.outlooks(ctx, ids);
  }

  /**
   * Calls a run off: at once when nobody executes it, else within about a second. Calling it off twice is no error.
   *
   * @throws AppError NOT_FOUND; CONFLICT when it has ended already in another way
   */
  async cancel(ctx: TenantContext, id: string): Promise<TrainingRun> {
    return this.jobs.cancel(ctx, TrainingRun, { id, action: 'TRAINING_CANCELLED', what: 'run' });
  }

  private inTenant<T>(ctx: TenantContext, work: (scope: TenantScope) => Promise<T>): Promise<T> {
    return this.options.database.inTenant(ctx.actor.tenantId, work);
  }
}
