import { In } from 'typeorm';
import { AppError } from '../../errors';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type EntitySource } from '../../learning/preparation/entities/entity-tables';
import { type FileFormat } from '../../learning/preparation/formats/file-format';
import { type CheckpointStore } from '../../learning/training/contract';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { Dataset } from '../datasets/dataset.entity';
import { appendLines } from '../jobs/log/append-lines';
import { logLine } from '../jobs/log/log-line';
import { DomainConfiguration } from '../domains/domain-configuration.entity';
import { recordModelVersion } from '../models/record-model-version';
import { Checkpoints } from './checkpoints';
import { repeatedRuns } from './kept-checkpoints';
import { assertStillUsable, refusedStart, startWeights } from './start-version';
import { entitySources } from './entity-sources';
import { type Execution, type ExecutionOptions, withExecution } from './execution';
import { type RunLease } from './run-lease';
import { eventSaid, preparationSaid, startSaid } from './run-said';
import { runSpec } from './run-spec';
import { predictionsCsv } from './predictions-csv';
import { type PipelineResult, type TrainingPipeline } from './training-pipeline';
import { TrainingRun } from './training-run.entity';

export interface ExecuteOptions extends ExecutionOptions {
  readonly database: Database;
  readonly objects: ObjectStores;
  readonly pipeline: TrainingPipeline;
  readonly workDirectory: string;
}

/** Executes a run: from its data set to a model version. @throws as `withExecution` */
export async function executeRun(options: ExecuteOptions): Promise<void> {
  const { lease } = options;
  await withExecution(options, async ({ signal, journal, log, persist }) => {
    const loaded = await persist(() => loadRun(options));
    let isWarm = false;
    if (loaded.start && 'refused' in loaded.start) {
      const refused = refusedStart(loaded.start.refused);
      journal.started(refused);
      log.say(startSaid(refused));
    }
    const result = await options.pipeline({
      csvPath: loaded.csvPath,
      format: loaded.format,
      receivedAt: loaded.receivedAt,
      spec: loaded.spec,
      mapping: loaded.run.mapping?.columns ?? {},
      entities: loaded.entities,
      model: loaded.configuration.modelConfig,
      workDirectory: options.workDirectory,
      file: loaded.file,
      requestedDevice: loaded.run.requestedDevice,
      startFrom: loaded.start && 'weights' in loaded.start ? loaded.start.weights : undefined,
      onStart: (start) => {
        isWarm = start.refused === null;
        journal.started(start);
        log.say(startSaid(start));
      },
      checkpoint: fenced(new Checkpoints(options.objects).of(lease.key, loaded.repeated), lease, persist),
      signal,
      onPrepared: (preparation) => {
        journal.prepared(preparation);
        for (const said of preparationSaid(preparation, loaded.spec)) log.say(said);
      },
      onPhase: (phase) => {
        options.trace?.enter(phase);
        journal.phase(phase);
        log.enter(phase);
      },
      onProgress: (progress) => journal.progress(progress),
      onEvent: (event) => {
        if (event.kind === 'compiled') log.runsOn(event.device);
        log.say(eventSaid(event));
      },
    });
    await journal.written();
    await log.flush();
    signal.throwIfAborted();
    await persist(() => finish(options, { ...loaded, isWarm }, result));
  });
}

interface LoadedRun {
  readonly run: TrainingRun;
  /** The runs that it repeats, the last first. */
  readonly repeated: readonly string[];
  readonly configuration: DomainConfiguration;
  /** The configuration's, with what was accepted to be mended. */
  readonly spec: FeatureSpec;
  readonly csvPath: string;
  /** SHA-256 of the data set's file. */
  readonly file: string;
  /** What it starts from; null: drawn weights. */
  readonly start: Awaited<ReturnType<typeof startWeights>> | null;
  readonly entities: readonly EntitySource[];
  readonly format: FileFormat | null;
  readonly receivedAt: Date | null;
}

async function loadRun({ database, objects, lease }: ExecuteOptions): Promise<LoadedRun> {
  const { tenantId, runId } = lease.key;
  const { run, configuration, dataset, others } = await database.inTenant(tenantId, async (scope) => {
    const run = await scope.repository(TrainingRun).getOrThrow(runId);
    return {
      run,
      configuration: await scope.repository(DomainConfiguration).getOrThrow(run.configurationId),
      dataset: await scope.repository(Dataset).getOrThrow(run.datasetId),
      others: await scope
        .repository(Dataset)
        .find({ id: In((run.entities ?? []).map(({ datasetId }) => datasetId)) }),
    };
  });
  const repeated = run.retryOf === null ? [] : await repeatedRuns(database, lease.key);
  if (dataset.sha256 === null) {
    throw new AppError('INVALID_DATA', `The data set "${dataset.name}" has no content: upload it first.`);
  }
  const csvPath = await objects.forTenant(tenantId).localPath(dataset.sha256);
  const store = objects.forTenant(tenantId);
  const start =
    run.startVersionId === null
      ? null
      : await startWeights(database, { tenantId, store, id: run.startVersionId });
  const entities = await entitySources(objects.forTenant(tenantId), run.entities ?? [], others);
  const spec = runSpec(run, configuration);
  const { format, uploadedAt: receivedAt } = dataset;
  const file = dataset.sha256;
  return { run, repeated, configuration, spec, csvPath, file, start, entities, format, receivedAt };
}

/** Stores what the training brought forth and ends the run with it. Doing it twice leaves one model version. */
async function finish(
  { objects, lease }: ExecuteOptions,
  { run, spec, isWarm }: LoadedRun & { readonly isWarm: boolean },
  result: PipelineResult,
): Promise<void> {
  const store = objects.forTenant(lease.key.tenantId);
  // Content-addressed: what a lost lease leaves behind is found again by the next execution, or is the same bytes.
  const artifact = await store.put(result.artifact);
  if (result.explainer?.bytes) await store.put(result.explainer.bytes);
  const reference =
    result.driftReference && (await store.put(Buffer.from(JSON.stringify(result.driftReference))));
  const weights = result.kept && (await store.put(result.kept));
  const predictions = await store.put(predictionsCsv(result.predictions, result.heldOutFeatures));
  await lease.succeed(result.device, async (scope) => {
    // One that was refused its start has learned nothing from it.
    if (run.startVersionId !== null && isWarm) await assertStillUsable(scope, run.startVersionId);
    const { number } = await recordModelVersion(scope, {
      kind: run.kind,
      runId: run.id,
      artifactSha256: artifact.sha256,
      artifactBytes: artifact.bytes,
      predictionsSha256: predictions.sha256,
      featureSpec: spec,
      evaluation: result.evaluation,
      certificate: result.certificate,
      baseline: result.baseline ?? null,
      explainer: result.explainer?.certificate ?? null,
      rateIntervals: result.rateIntervals ?? null,
      driftReferenceSha256: reference?.sha256 ?? null,
      weightsSha256: weights?.sha256 ?? null,
      recommendedThreshold: result.recommendedThreshold,
    });
    const said = { level: 'INFO', message: `Version ${number} of ${run.kind} came of it.` } as const;
    await appendLines(scope, { jobId: run.id }, [logLine('SUCCEEDED', said)]);
  });
}

/**
 * An execution that has lost its run must not put its checkpoint in place of a newer one. While the store is away, the
 * training waits for it.
 */
function fenced(
  checkpoint: CheckpointStore,
  lease: Pick<RunLease, 'assertHeld'>,
  persist: Execution['persist'],
): CheckpointStore {
  return {
    load: () => persist(() => checkpoint.load()),
    save: (bytes) =>
      persist(async () => {
        await lease.assertHeld();
        await checkpoint.save(bytes);
      }),
  };
}
