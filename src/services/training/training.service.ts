import { In } from 'typeorm';
import { AppError } from '../../errors';
import { recordChange } from '../../platform/audit/record-change';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { currentTraceparent } from '../../platform/telemetry/tracing';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { acceptedCleaning } from '../datasets/cleaning-in-force';
import { Dataset } from '../datasets/dataset.entity';
import { mappingInForce, usedMapping } from '../datasets/mapping-in-force';
import { DomainConfiguration } from '../domains/domain-configuration.entity';
import { JobRequests, type JobRequestsOptions } from '../jobs/job-requests';
import { requireRoom } from '../quotas/require-room';
import { deviceWithinQuota } from '../quotas/training-quota';
import { announceProgress } from './progress-channel';
import { type RunOutlook } from './run-outlook';
import { type RequestedDevice } from './requested-device';
import { type RunPriority } from './run-priority';
import { type EntityDataset, runEntities, withCleaning } from './run-entities';
import { startVersionId, type StartWanted } from './start-version';
import { TrainingRun } from './training-run.entity';

export type TrainingServiceOptions = JobRequestsOptions;

export interface StartTraining {
  /** A discovered domain's kind. */
  readonly kind: string;
  /** A READY data set of that kind. */
  readonly datasetId: string;
  /** Among the tenant's own runs; NORMAL unless given. */
  readonly priority?: RunPriority | undefined;
  /** AUTO unless given. */
  readonly device?: RequestedDevice | undefined;
  /** READY data sets of the configuration's entities, one for each. */
  readonly entities?: readonly EntityDataset[] | undefined;
  /** Whose weights it starts from; NOTHING unless given. */
  readonly startFrom?: StartWanted | undefined;
}

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
      const dataset = await usableDataset(scope, input);
      const configuration = await currentConfiguration(scope, input.kind);
      const { featureSpec: spec } = configuration;
      const mapping = usedMapping(await mappingInForce(scope, dataset, spec));
      const joined = await runEntities(scope, { kind: input.kind, spec }, input.entities ?? []);
      const entities = await withCleaning(scope, spec, joined);
      const cleaning = await acceptedCleaning(scope, dataset.id, { spec, mapping: mapping.columns });
      const startVersion = await startVersionId(scope, input.kind, input.startFrom ?? 'NOTHING');
      const inserted = await scope.repository(TrainingRun).insert({
        kind: input.kind,
        datasetId: dataset.id,
        configurationId: configuration.id,
        mapping,
        entities,
        cleaning,
        startVersionId: startVersion,
        state: 'QUEUED',
        priority: input.priority ?? 'NORMAL',
        requestedDevice,
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
          datasetId: dataset.id,
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
        state,
      } = former;
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

async function usableDataset(scope: TenantScope, { kind, datasetId }: StartTraining): Promise<Dataset> {
  // Locked, so that its file is not removed before the run is known to need it.
  const dataset = await scope.repository(Dataset).getForUpdate(datasetId);
  if (dataset.kind !== kind) {
    throw new AppError(
      'CONFLICT',
      `The data set "${dataset.name}" is of kind ${dataset.kind}, not ${kind}: choose one of that kind.`,
    );
  }
  if (dataset.entity !== null) {
    throw new AppError(
      'CONFLICT',
      `The data set "${dataset.name}" holds ${dataset.entity}, not examples: name it among the entities, beside the data set of the rows or events.`,
    );
  }
  if (!dataset.isLabelled)
    throw new AppError(
      'CONFLICT',
      `The data set "${dataset.name}" has no labels, so it can only be scored: train on another.`,
    );
  if (dataset.state === 'READY') return dataset;
  const next =
    dataset.state === 'REJECTED' ? 'its file was refused: create another' : 'upload its file first';
  throw new AppError('CONFLICT', `The data set "${dataset.name}" cannot be trained on: ${next}.`);
}

async function currentConfiguration(scope: TenantScope, kind: string): Promise<DomainConfiguration> {
  const configuration = await scope
    .repository(DomainConfiguration)
    .findOne({ kind }, { order: { version: 'DESC' } });
  if (configuration) return configuration;
  throw new AppError('CONFLICT', `The domain ${kind} is not configured yet: call configureDomain first.`);
}
