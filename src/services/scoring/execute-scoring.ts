import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { In } from 'typeorm';
import { AppError } from '../../errors';
import { featureSpecSchema } from '../../learning/features/feature-spec';
import { QUARANTINE_HEADER } from '../../learning/preparation/quarantine-record';
import { idArtifact, type IdArtifact } from '../../learning/scoring/category-ids';
import { readScorable } from '../../learning/scoring/read-scorable';
import { writeScoreFiles } from '../../learning/scoring/score-files';
import { type ObjectStore, type ObjectStores } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { Dataset } from '../datasets/dataset.entity';
import { SubjectHistories } from '../events/subject-histories';
import { ModelVersion } from '../models/model-version.entity';
import { InferencePool } from '../prediction/pool/inference-pool';
import { PredictionService } from '../prediction/prediction.service';
import { entitySources } from '../training/entity-sources';
import { type Execution, type ExecutionOptions, withExecution } from '../training/execution';
import {
  BatchScoring,
  type ScoringFile,
  type ScoringProgress,
  type ScoringResult,
} from './batch-scoring.entity';
import { datasetSource } from './dataset-source';
import { ScoringParts, type StoredParts } from './scoring-parts';
import { type ScoringSource } from './scoring-source';
import { StoredSubjects } from './stored-subjects';
import { subjectsSource } from './subjects-source';

/** Examples of a part: what is done again when a worker is lost. */
export const PART_ROWS = 32_768;
/** Rows that run together: a row's numbers do not depend on how many. */
export const BATCH_ROWS = 1_024;
/** A batch waits for others of its kind alone: what is slow is a machine with much to do. */
const PATIENCE_MS = 600_000;

export const NOTHING_STORED: ScoringProgress = {
  rows: 0,
  totalRows: null,
  parts: 0,
  refused: 0,
  reasons: {},
  lastSubject: null,
};

export interface ExecuteScoringOptions extends ExecutionOptions {
  readonly database: Database;
  readonly objects: ObjectStores;
  readonly workDirectory: string;
  /** Inference threads. */
  readonly threads: number;
  readonly partRows?: number;
}

interface LoadedScoring {
  readonly scoring: BatchScoring;
  readonly version: ModelVersion;
  readonly dataset: Dataset | null;
  readonly others: readonly Dataset[];
}

/**
 * Executes a scoring: part after part is stored, and then made one file, which is there as a whole or not at all.
 * @throws as `withExecution`
 */
export async function executeScoring(options: ExecuteScoringOptions): Promise<void> {
  const { objects, lease, threads } = options;
  await withExecution(options, async (execution) => {
    const loaded = await load(options);
    const artifact = (): Promise<Uint8Array> => execution.persist(() => artifactOf(options, loaded));
    const encoded = loaded.dataset && idArtifact(await artifact());
    const pool = new InferencePool({
      threads,
      // Whoever reads a file has each category once; subjects come with texts as in a request.
      read: () => (encoded ? Promise.resolve(new Uint8Array(encoded.model)) : artifact()),
      maxBatchRows: BATCH_ROWS,
      deadlineMs: PATIENCE_MS,
      stallMs: PATIENCE_MS,
    });
    try {
      const source = await sourceOf(options, {
        loaded,
        pool,
        execution,
        encoded,
      });
      try {
        const parts = new ScoringParts(objects).of(lease.key);
        options.trace?.enter('SCORING');
        execution.log.enter('SCORING');
        await execution.persist(() => lease.enter('SCORING'));
        const progress = await storeParts(options, { source, parts, loaded, execution });
        options.trace?.enter('EXPORTING');
        execution.log.enter('EXPORTING');
        await execution.persist(() => lease.enter('EXPORTING'));
        const result = await exportResult(options, {
          source,
          parts,
          loaded,
          progress,
          execution,
        });
        await execution.persist(() => lease.succeed(null, () => Promise.resolve(), result));
      } finally {
        source.close();
      }
    } finally {
      await pool.close();
    }
  });
}

async function load({ database, lease }: ExecuteScoringOptions): Promise<LoadedScoring> {
  const { tenantId, runId } = lease.key;
  return database.inTenant(tenantId, async (scope) => {
    const scoring = await scope.repository(BatchScoring).getOrThrow(runId);
    const { datasetId, entities } = scoring;
    return {
      scoring,
      version: await scope.repository(ModelVersion).getOrThrow(scoring.modelVersionId),
      dataset: datasetId === null ? null : await scope.repository(Dataset).getOrThrow(datasetId),
      others: await scope
        .repository(Dataset)
        .find({ id: In((entities ?? []).map(({ datasetId }) => datasetId)) }),
    };
  });
}

function artifactOf(
  { objects, lease }: ExecuteScoringOptions,
  { version }: LoadedScoring,
): Promise<Uint8Array> {
  return objects.forTenant(lease.key.tenantId).get(version.artifactSha256);
}

async function sourceOf(
  { database, objects, workDirectory, threads, partRows = PART_ROWS }: ExecuteScoringOptions,
  {
    loaded,
    pool,
    execution,
    encoded,
  }: {
    loaded: LoadedScoring;
    pool: InferencePool;
    execution: Execution;
    /** Of a dataset. */
    encoded: IdArtifact | null;
  },
): Promise<ScoringSource> {
  const { scoring, version, dataset, others } = loaded;
  const { tenantId, kind, asOf, watermark } = scoring;
  const { signal, persist } = execution;
  const spec = featureSpecSchema.parse(version.featureSpec);
  const artifact = { tenantId, sha256: version.artifactSha256 };
  const store = objects.forTenant(tenantId);
  if (dataset && encoded) {
    const { sha256 } = dataset;
    if (sha256 === null)
      throw new AppError('INVALID_DATA', `The data set "${dataset.name}" has no content: upload it first.`);
    const examples = await readScorable({
      csvPath: await persist(() => store.localPath(sha256)),
      format: dataset.format ?? undefined,
      spec,
      mapping: scoring.mapping?.columns,
      entities: await persist(() => entitySources(store, scoring.entities ?? [], others)),
      receivedAt: dataset.uploadedAt ?? undefined,
      workDirectory,
      threads,
      signal,
    });
    return datasetSource({ examples, spec, artifact, ids: encoded.ids, pool, partRows, signal });
  }
  const servable = {
    version,
    artifact,
    spec,
    threshold: version.recommendedThreshold,
  };
  return subjectsSource({
    ctx: contextOf(scoring),
    kind,
    asOf: asOf ?? scoring.requestedAt,
    subjects: new StoredSubjects(database, {
      ...{ tenantId, domain: kind, asOf: asOf ?? scoring.requestedAt, watermark: watermark ?? 0 },
    }),
    prediction: new PredictionService({
      champions: { current: () => Promise.resolve(servable) },
      pool,
      histories: new SubjectHistories(database, watermark),
    }),
    partRows,
    signal,
  });
}

/** Scores and stores part after part, from where the last execution was lost. */
async function storeParts(
  { lease }: ExecuteScoringOptions,
  {
    source,
    parts,
    loaded,
    execution: { signal, persist },
  }: { source: ScoringSource; parts: StoredParts; loaded: LoadedScoring; execution: Execution },
): Promise<ScoringProgress> {
  let progress: ScoringProgress = {
    ...(loaded.scoring.progress ?? NOTHING_STORED),
    totalRows: source.totalRows,
  };
  await persist(() => lease.stored(progress));
  for (;;) {
    const next = await source.next(progress);
    signal.throwIfAborted();
    if (!next) return progress;
    await persist(() => lease.assertHeld());
    await persist(() => parts.save(progress.parts, next.part));
    await persist(() => lease.stored(next.progress));
    progress = next.progress;
  }
}

async function exportResult(
  { objects, lease, workDirectory, threads }: ExecuteScoringOptions,
  {
    source,
    parts,
    loaded,
    progress,
    execution: { signal, persist },
  }: {
    source: ScoringSource;
    parts: StoredParts;
    loaded: LoadedScoring;
    progress: ScoringProgress;
    execution: Execution;
  },
): Promise<ScoringResult> {
  const accounting = source.account(progress);
  if (progress.rows !== accounting.scored)
    throw new Error(`scores went missing: ${JSON.stringify({ ...progress, ...accounting })}`);
  if (accounting.scored === 0 && accounting.quarantined === 0)
    throw new AppError(
      'INVALID_DATA',
      'No subject has a stored event before the moment: nothing can be scored.',
    );
  const store = objects.forTenant(lease.key.tenantId);
  const files = await writeScoreFiles({
    parts: parts.lines('scores', progress.parts),
    format: loaded.scoring.format,
    workDirectory,
    threads,
    signal,
  });
  const refusedFile = await quarantineFile({ source, parts, progress, workDirectory });
  const put = (file: string): Promise<ScoringFile> => persist(() => putFile(store, file));
  const quarantine = refusedFile === null ? null : await put(refusedFile);
  signal.throwIfAborted();
  return {
    accounting,
    scores: await put(files.scores),
    ranking: await put(files.ranking),
    quarantine,
    reasons: [
      ...source.quarantine.reasons,
      ...Object.entries(progress.reasons).map(([reason, count]) => ({ reason, count })),
    ].sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
  };
}

async function quarantineFile({
  source,
  parts,
  progress,
  workDirectory,
}: {
  source: ScoringSource;
  parts: StoredParts;
  progress: ScoringProgress;
  workDirectory: string;
}): Promise<string | null> {
  if (source.quarantine.path !== null) return source.quarantine.path;
  if (progress.refused === 0) return null;
  const file = path.join(workDirectory, 'refused.csv');
  await pipeline(async function* () {
    yield Buffer.from(QUARANTINE_HEADER);
    yield* parts.lines('refused', progress.parts);
  }, createWriteStream(file));
  return file;
}

async function putFile(store: ObjectStore, file: string): Promise<ScoringFile> {
  const { sha256, bytes } = await store.put(createReadStream(file));
  return { sha256, bytes };
}

/** Whoever asked for it. */
function contextOf({ tenantId, requestedBy, requestId }: BatchScoring): TenantContext {
  return { requestId, actor: { id: requestedBy, role: 'ANALYST', tenantId } };
}
