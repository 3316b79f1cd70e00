import { AppError } from '../../errors';
import { featureSpecSchema } from '../../learning/features/feature-spec';
import { EARLIEST_MOMENT_MS, LATEST_MOMENT_MS } from '../../learning/features/moment';
import { unlabelled } from '../../learning/features/unlabelled';
import { recordChange } from '../../platform/audit/record-change';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { currentTraceparent } from '../../platform/telemetry/tracing';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { Dataset } from '../datasets/dataset.entity';
import { mappingInForce, usedMapping } from '../datasets/mapping-in-force';
import { type JobRequests } from '../jobs/job-requests';
import { ModelVersion } from '../models/model-version.entity';
import { requireRoom } from '../quotas/require-room';
import { announceProgress } from '../training/progress-channel';
import { type EntityDataset, runEntities } from '../training/run-entities';
import { type RunOutlook } from '../training/run-outlook';
import { type RunPriority } from '../training/run-priority';
import { BatchScoring, type ScoringFormat } from './batch-scoring.entity';

interface ScoringRequest {
  /** The version that scores; the one that serves unless given. */
  readonly modelVersionId?: string | null | undefined;
  readonly format: ScoringFormat;
  /** Among the tenant's own jobs; NORMAL unless given. */
  readonly priority?: RunPriority | undefined;
}

export interface ScoreDataset extends ScoringRequest {
  readonly datasetId: string;
  /** READY datasets of the entities that the version reads, one for each. */
  readonly entities?: readonly EntityDataset[] | undefined;
}

export interface ScoreSubjects extends ScoringRequest {
  /** A discovered domain's kind. */
  readonly kind: string;
  /** The moment of prediction; now unless given. */
  readonly asOf?: Date | null | undefined;
}

/** The files of a scoring that can be downloaded. */
export type ScoringFileName = 'scores' | 'quarantine';

/** Scorings of many examples: asked for, watched and called off. The workers do them, in the same line as trainings. */
export class BatchScoringService {
  constructor(
    private readonly database: Database,
    private readonly stores: ObjectStores,
    private readonly jobs: JobRequests,
  ) {}

  /**
   * Asks for the scores of a dataset. Once this has returned it is scored, whatever process dies.
   *
   * @throws AppError NOT_FOUND for the dataset or the version; MODEL_NOT_READY when no version is given and none serves;
   *   CONFLICT when the dataset has no content, is of another domain or of an entity; BAD_USER_INPUT when the entities' datasets are
   *   not those that the version reads; MAPPING_UNCONFIRMED when it is not certain which its columns are
   */
  async scoreDataset(ctx: TenantContext, input: ScoreDataset): Promise<BatchScoring> {
    return this.request(ctx, async (scope) => {
      // Locked, so that its file is not removed before the scoring is known to need it.
      const dataset = await scope.repository(Dataset).getForUpdate(input.datasetId);
      const version = await versionOf(scope, dataset.kind, input.modelVersionId);
      refuseUnusable(dataset, version);
      await requireRoom(scope, ctx, { SCORED_ROWS_PER_DAY: dataset.rowCount ?? 0, STORED_BYTES: 1 });
      const { kind } = dataset;
      const spec = unlabelled(featureSpecSchema.parse(version.featureSpec));
      return {
        ...common(ctx, input, version),
        datasetId: dataset.id,
        mapping: usedMapping(await mappingInForce(scope, dataset, spec)),
        entities: await runEntities(scope, { kind, spec }, input.entities ?? []),
      };
    });
  }

  /**
   * Asks for the scores of all stored subjects at a moment, with the histories that predictions look up.
   *
   * @throws AppError BAD_USER_INPUT for a moment that is none; NOT_FOUND for the version; MODEL_NOT_READY when no version is given and none serves; CONFLICT when no event
   *   is stored, or the version is of another domain; INVALID_CONFIGURATION when it is of tables
   */
  async scoreSubjects(ctx: TenantContext, input: ScoreSubjects): Promise<BatchScoring> {
    const ms = input.asOf?.getTime() ?? Date.now();
    if (!(ms >= EARLIEST_MOMENT_MS && ms < LATEST_MOMENT_MS)) {
      const message = 'must be a moment between the years 1900 and 2200';
      throw new AppError('BAD_USER_INPUT', `The field "asOf" ${message}.`, [{ path: 'asOf', message }]);
    }
    return this.request(ctx, async (scope) => {
      const version = await versionOf(scope, input.kind, input.modelVersionId);
      if (version.featureSpec.shape !== 'EVENTS')
        throw new AppError(
          'INVALID_CONFIGURATION',
          'The version was trained on a table, which has no stored subjects: score a dataset.',
          [{ path: 'featureSpec.shape', message: 'must be EVENTS' }],
        );
      // How many there are is known once they are scored.
      await requireRoom(scope, ctx, { SCORED_ROWS_PER_DAY: 1, STORED_BYTES: 1 });
      const [store] = await scope.query<{ watermark: number }>(
        'SELECT last_sequence AS watermark FROM event_stores WHERE tenant_id = $1 AND domain = $2',
        [scope.tenantId, input.kind],
      );
      if (!store?.watermark)
        throw new AppError(
          'CONFLICT',
          `No events of ${input.kind} are stored yet: send some with ingestEvents.`,
        );
      return {
        ...common(ctx, input, version),
        asOf: new Date(ms),
        watermark: store.watermark,
      };
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(ctx: TenantContext, id: string): Promise<BatchScoring> {
    return this.inTenant(ctx, (scope) => scope.repository(BatchScoring).getOrThrow(id));
  }

  /** Newest first, of one kind or of all. */
  async list(
    ctx: TenantContext,
    { kind, ...page }: PageRequest & { kind?: string | null | undefined },
  ): Promise<Page<BatchScoring>> {
    return this.inTenant(ctx, (scope) =>
      scope.repository(BatchScoring).page(page, { where: kind == null ? {} : { kind }, orderBy: 'sequence' }),
    );
  }

  /** What the tenant's scorings with these ids have before them, by id; those that have ended are absent. */
  async outlooks(ctx: TenantContext, ids: readonly string[]): Promise<Map<string, RunOutlook>> {
    return this.jobs.outlooks(ctx, ids);
  }

  /**
   * Calls a scoring off. Calling it off twice is no error.
   * @throws AppError NOT_FOUND; CONFLICT when it has ended already in another way
   */
  async cancel(ctx: TenantContext, id: string): Promise<BatchScoring> {
    return this.jobs.cancel(ctx, BatchScoring, { id, action: 'SCORING_CANCELLED', what: 'scoring' });
  }

  /**
   * A local copy of a file of a scoring, not to be changed; null where nothing was quarantined.
   * @throws AppError NOT_FOUND, also once it is kept no longer; CONFLICT when it has not succeeded
   */
  async localCopy(
    ctx: TenantContext,
    id: string,
    name: ScoringFileName,
  ): Promise<{ sha256: string; path: string; format: ScoringFormat } | null> {
    const { result, format } = await this.get(ctx, id);
    if (!result)
      throw new AppError('CONFLICT', 'The scoring has no files yet: wait until its state is SUCCEEDED.');
    if (!result.scores)
      throw new AppError('NOT_FOUND', 'The files are kept no longer: ask for the scoring again.');
    const file = result[name];
    if (!file) return null;
    const path = await this.stores.forTenant(ctx.actor.tenantId).localPath(file.sha256);
    return { sha256: file.sha256, path, format };
  }

  private async request(
    ctx: TenantContext,
    valuesOf: (scope: TenantScope) => Promise<Partial<BatchScoring>>,
  ): Promise<BatchScoring> {
    const scoring = await this.inTenant(ctx, async (scope) => {
      const { id } = await scope.repository(BatchScoring).insert(await valuesOf(scope));
      const inserted = await scope.repository(BatchScoring).getOrThrow(id);
      await announceProgress(scope, { tenantId: scope.tenantId, runId: id });
      const { kind, datasetId, modelVersionId, asOf, watermark, format } = inserted;
      recordChange(scope, ctx, {
        action: 'SCORING_STARTED',
        objectId: id,
        before: null,
        after: { kind, datasetId, modelVersionId, asOf, watermark, format },
      });
      return inserted;
    });
    await this.jobs.enqueue(ctx, scoring);
    return scoring;
  }

  private inTenant<T>(ctx: TenantContext, work: (scope: TenantScope) => Promise<T>): Promise<T> {
    return this.database.inTenant(ctx.actor.tenantId, work);
  }
}

function common(
  ctx: TenantContext,
  { format, priority }: ScoringRequest,
  version: ModelVersion,
): Partial<BatchScoring> {
  return {
    kind: version.kind,
    modelVersionId: version.id,
    format,
    state: 'QUEUED',
    priority: priority ?? 'NORMAL',
    requestedBy: ctx.actor.id,
    requestId: ctx.requestId,
    traceparent: currentTraceparent(),
  };
}

/** The version that was named, else the one that serves now. */
async function versionOf(
  scope: TenantScope,
  kind: string,
  id: string | null | undefined,
): Promise<ModelVersion> {
  if (id != null) {
    const version = await scope.repository(ModelVersion).getOrThrow(id);
    if (version.kind === kind) return unretired(version);
    throw new AppError(
      'CONFLICT',
      `Version ${version.number} is of ${version.kind}, not of ${kind}: choose one of that domain.`,
    );
  }
  const [serving] = await scope.query<{ id: string }>(
    `SELECT model_version_id AS id FROM promotions
      WHERE tenant_id = $1 AND kind = $2 ORDER BY sequence DESC LIMIT 1`,
    [scope.tenantId, kind],
  );
  if (serving) return unretired(await scope.repository(ModelVersion).getOrThrow(serving.id));
  throw new AppError(
    'MODEL_NOT_READY',
    `No version of ${kind} is promoted yet: promote one, or name the version that is to score.`,
  );
}

/** @throws AppError CONFLICT */
function unretired(version: ModelVersion): ModelVersion {
  if (version.retiredAt === null || version.servesUntilReplaced) return version;
  throw new AppError(
    'CONFLICT',
    `Version ${version.number} was retired, because a subject that it was trained on was erased: choose another.`,
  );
}

function refuseUnusable(dataset: Dataset, version: ModelVersion): void {
  if (dataset.entity !== null)
    throw new AppError(
      'CONFLICT',
      `The data set "${dataset.name}" holds ${dataset.entity}, not examples: name it among the entities, beside the data set of the rows or events.`,
    );
  if (dataset.state === 'READY') return;
  const next =
    dataset.state === 'REJECTED' ? 'its file was refused: create another' : 'upload its file first';
  throw new AppError(
    'CONFLICT',
    `The data set "${dataset.name}" cannot be scored by version ${version.number}: ${next}.`,
  );
}
