import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../errors';
import { namesSubject } from '../../../learning/preparation/erasure/remove-rows';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { FIELDS } from '../../models/held-out-records';
import { ModelVersion } from '../../models/model-version.entity';
import { retireVersion } from '../../models/retire-version';
import { Checkpoints } from '../../training/checkpoints';
import { TrainingRun } from '../../training/training-run.entity';
import { removedNames } from './erase-datasets';
import { type ErasureProgress, plus } from './erasure-progress';
import { contextOf, type ErasureRun } from './erasure-run';
import { filterRecords } from './filter-records';
import { type VersionOutcome } from './receipt';

type Trained = Pick<VersionOutcome, 'datasets' | 'inheritedFrom'> & {
  readonly version: ModelVersion;
  readonly run: TrainingRun;
};

/**
 * Settles what becomes of every version that was trained on a file with rows of the subject, and of all that started from
 * one of those, over any number of generations.
 */
export async function eraseModels(run: ErasureRun): Promise<void> {
  for (;;) {
    const progress = await run.lease.step((_scope, done) => Promise.resolve(done));
    const settled = new Set(progress.versions.map(({ modelVersionId }) => modelVersionId));
    const open = (await trainedOnSubject(run, progress)).filter(({ version }) => !settled.has(version.id));
    // A training that started from a version before that was settled may have ended meanwhile; none can any more.
    if (open.length === 0) return eraseCheckpoints(run, progress);
    for (const trained of open) {
      run.signal.throwIfAborted();
      await settle(run, trained);
    }
  }
}

/** What failed trainings have left to go on from: their weights have seen the same files, or come from the same versions. */
async function eraseCheckpoints(
  { database, objects, request }: ErasureRun,
  { datasets, versions }: ErasureProgress,
): Promise<void> {
  const { tenantId } = request;
  const left = await database.inTenant(tenantId, (scope) =>
    scope.query<{ id: string }>(
      `SELECT id FROM jobs j
        WHERE tenant_id = $1 AND type = 'TRAINING' AND state = 'FAILED' AND NOT checkpoint_removed
          AND (dataset_id = ANY ($2::uuid[]) OR start_version_id = ANY ($3::uuid[]) OR EXISTS (
                SELECT FROM jsonb_array_elements(coalesce(j.entities, '[]')) e WHERE (e ->> 'datasetId')::uuid = ANY ($2::uuid[])))`,
      [
        tenantId,
        datasets.map(({ datasetId }) => datasetId),
        versions.map(({ modelVersionId }) => modelVersionId),
      ],
    ),
  );
  const checkpoints = new Checkpoints(objects);
  for (const { id } of left) await checkpoints.of({ tenantId, runId: id }).discard();
  await database.inTenant(tenantId, (scope) =>
    scope.query('UPDATE jobs SET checkpoint_removed = true WHERE tenant_id = $1 AND id = ANY ($2::uuid[])', [
      tenantId,
      left.map(({ id }) => id),
    ]),
  );
}

/** Those of trainings that began before the files were clean, and read one of them. */
async function trainedOnSubject(
  { database, request }: ErasureRun,
  { datasets, cleanedAt }: ErasureProgress,
): Promise<Trained[]> {
  if (datasets.length === 0 || cleanedAt === null) return [];
  return database.inTenant(request.tenantId, async (scope) => {
    const found: Trained[] = [];
    const rows = await scope.query<{ id: string; runId: string }>(
      `SELECT v.id, v.run_id AS "runId" FROM model_versions v
         JOIN jobs j ON j.tenant_id = v.tenant_id AND j.id = v.run_id
        WHERE v.tenant_id = $1 AND coalesce(j.started_at, j.requested_at) < $2
          AND (j.dataset_id = ANY ($3::uuid[]) OR EXISTS (
                SELECT FROM jsonb_array_elements(coalesce(j.entities, '[]')) e WHERE (e ->> 'datasetId')::uuid = ANY ($3::uuid[])))
        ORDER BY v.created_at, v.id`,
      [request.tenantId, cleanedAt, datasets.map(({ datasetId }) => datasetId)],
    );
    for (const { id, runId } of rows) {
      const version = await scope.repository(ModelVersion).getOrThrow(id);
      const run = await scope.repository(TrainingRun).getOrThrow(runId);
      const read = [run.datasetId, ...(run.entities ?? []).map(({ datasetId }) => datasetId)];
      found.push({
        version,
        run,
        inheritedFrom: null,
        datasets: datasets
          .filter(({ datasetId, rows }) => rows > 0 && read.includes(datasetId))
          .map(({ datasetId, rows }) => ({ datasetId, rows })),
      });
    }
    const direct = found.filter(({ datasets: used }) => used.length > 0);
    return [...direct, ...(await descendants(scope, direct))];
  });
}

/** Versions that started from these, or from one that did; what is among these already gets no second entry. */
async function descendants(scope: TenantScope, ancestors: readonly Trained[]): Promise<Trained[]> {
  const known = ancestors.map(({ version }) => version.id);
  const rows = await scope.query<{ id: string; runId: string; startVersionId: string }>(
    `WITH RECURSIVE line AS (
       SELECT unnest($2::uuid[]) AS id
        UNION
       SELECT v.id FROM line JOIN jobs j ON j.tenant_id = $1 AND j.start_version_id = line.id
         AND j.warm_start ->> 'refused' IS NULL
         JOIN model_versions v ON v.tenant_id = $1 AND v.run_id = j.id)
     SELECT v.id, v.run_id AS "runId", j.start_version_id AS "startVersionId"
       FROM line JOIN model_versions v ON v.tenant_id = $1 AND v.id = line.id
       JOIN jobs j ON j.tenant_id = $1 AND j.id = v.run_id
      WHERE v.id <> ALL ($2::uuid[]) ORDER BY v.created_at, v.id`,
    [scope.tenantId, known],
  );
  const found: Trained[] = [];
  for (const { id, runId, startVersionId } of rows)
    found.push({
      version: await scope.repository(ModelVersion).getOrThrow(id),
      run: await scope.repository(TrainingRun).getOrThrow(runId),
      datasets: [],
      inheritedFrom: startVersionId,
    });
  return found;
}

async function settle(run: ErasureRun, trained: Trained): Promise<void> {
  const { version, run: job, datasets, inheritedFrom } = trained;
  const { request, lease } = run;
  const retraining = request.models === 'RETRAIN' ? await retrain(run, job) : null;
  const cleaned = await withoutHeldOut(run, trained);
  await lease.step(async (scope, progress) => {
    const { garbage, versions } = progress;
    // From now on no training starts from it, and none that did ends well.
    await scope.repository(ModelVersion).update({ id: version.id }, { trainedOnErased: true });
    const [isServing] = await scope.query(
      `SELECT FROM (SELECT model_version_id FROM promotions WHERE tenant_id = $1 AND kind = $2
                     ORDER BY sequence DESC LIMIT 1) p WHERE p.model_version_id = $3`,
      [scope.tenantId, version.kind, version.id],
    );
    const outcome: VersionOutcome = {
      modelVersionId: version.id,
      domain: version.kind,
      number: version.number,
      trainingRunId: job.id,
      datasets,
      inheritedFrom,
      outcome: request.models === 'KEEP' ? 'KEPT' : retraining?.runId != null ? 'RETRAINING' : 'RETIRED',
      legalGround: request.models === 'KEEP' ? request.legalGround : null,
      retrainedBy: retraining?.runId ?? null,
      servesUntilReplaced: retraining?.runId != null && isServing !== undefined,
      remark: retraining?.problem ?? null,
    };
    if (outcome.outcome !== 'KEPT')
      await retireVersion(scope, contextOf(request), {
        version,
        requestId: request.id,
        servesUntilReplaced: outcome.servesUntilReplaced,
      });
    const gone =
      outcome.outcome === 'RETIRED' || (outcome.outcome === 'RETRAINING' && !outcome.servesUntilReplaced)
        ? [
            version.artifactSha256,
            version.predictionsSha256,
            cleaned.sha256,
            version.explainer?.sha256,
            version.driftReferenceSha256,
          ]
        : cleaned.removed > 0
          ? [version.predictionsSha256]
          : [];
    if (cleaned.sha256 !== null) await setHeldOut(scope, version.id, cleaned.sha256);
    return {
      ...plus(progress, { HELD_OUT_PREDICTIONS: cleaned.removed }),
      versions: [...versions, outcome],
      garbage: [...garbage, ...[...gone, version.weightsSha256].flatMap((digest) => digest ?? [])],
    };
  });
}

async function setHeldOut(scope: TenantScope, id: string, predictionsSha256: string): Promise<void> {
  await scope.repository(ModelVersion).update({ id }, { predictionsSha256 });
}

/** The held-out predictions without those of the subject; a null digest where there was none, or no file. */
async function withoutHeldOut(
  run: ErasureRun,
  { version, run: job, datasets }: Trained,
): Promise<{ readonly sha256: string | null; readonly removed: number }> {
  const { store, subject, workDirectory } = run;
  if (!(await store.has(version.predictionsSha256))) return { sha256: null, removed: 0 };
  const { idColumn, momentDates } = version.featureSpec;
  const names = new Set<string>();
  if (datasets.some(({ datasetId }) => datasetId === job.datasetId)) {
    const { ids, lines } = await removedNames(run, job.datasetId);
    for (const name of idColumn === undefined ? lines : ids) names.add(name);
  }
  const isMeant = (id: string) => id === subject;
  const target = path.join(workDirectory, `held-out-${version.id}`);
  await rm(target, { force: true });
  const removed = await filterRecords(await store.localPath(version.predictionsSha256), target, (fields) => {
    const id = fields[FIELDS.id] ?? '';
    return (
      names.has(id) ||
      (momentDates !== undefined && namesSubject(id, '@', isMeant)) ||
      fields.slice(FIELDS.firstFeature).some(isMeant)
    );
  });
  if (removed === 0) return { sha256: null, removed };
  const { sha256 } = await store.put(createReadStream(target));
  return { sha256, removed };
}

/** Trains on the files as they are now: once for all versions of the same files. */
async function retrain(
  { database, request, training }: ErasureRun,
  job: TrainingRun,
): Promise<{ readonly runId: string | null; readonly problem: string | null }> {
  const ctx = contextOf(request);
  // By its name, a training that was asked for before this process took over is found again.
  const requestId = `erasure-${request.id}-${job.datasetId}`;
  const known = await database.inTenant(request.tenantId, (scope) =>
    scope.repository(TrainingRun).findOne({ requestId }),
  );
  if (known) return { runId: known.id, problem: null };
  try {
    const { id } = await training.start(
      { ...ctx, requestId },
      {
        kind: job.kind,
        datasetId: job.datasetId,
        entities: (job.entities ?? []).map(({ name, datasetId }) => ({ name, datasetId })),
      },
    );
    return { runId: id, problem: null };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'UNAVAILABLE') throw error;
    return { runId: null, problem: `It could not be trained again: ${error.message}` };
  }
}
