import { In } from 'typeorm';
import { AppError } from '../../errors';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { applySteps } from '../../learning/preparation/cleaning/cleaning-step';
import { type EntitySource } from '../../learning/preparation/entities/entity-tables';
import { type FileFormat } from '../../learning/preparation/formats/file-format';
import { type CheckpointStore } from '../../learning/training/contract';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { retryWithBackoff } from '../../platform/jobs/backoff';
import { type Database } from '../../platform/persistence/database';
import { Dataset } from '../datasets/dataset.entity';
import { DomainConfiguration } from '../domains/domain-configuration.entity';
import { recordModelVersion } from '../models/record-model-version';
import { Checkpoints } from './checkpoints';
import { predictionsCsv } from './predictions-csv';
import { isOutage, RunJournal } from './run-journal';
import { LeaseLostError, type RunLease } from './run-lease';
import { type PipelineResult, type TrainingPipeline } from './training-pipeline';
import { TrainingRun } from './training-run.entity';

export interface ExecuteOptions {
  readonly database: Database;
  readonly objects: ObjectStores;
  readonly pipeline: TrainingPipeline;
  /** Held by whoever watches this execution. */
  readonly lease: RunLease;
  readonly workDirectory: string;
  /** Aborted when the execution is to leave off, for whatever reason. */
  readonly signal: AbortSignal;
  readonly progressIntervalMs: number;
}

const RETRY = { firstDelayMs: 100, longestDelayMs: 2_000 };
/** Issues that an error message quotes. */
const MAX_ISSUES = 5;

/**
 * Executes a run whose lease is held: from its data set to a model version, or to an error that its owner can act on.
 *
 * Returns as well when it was told to leave off or has lost the lease; the run is then as it was.
 *
 * @throws whatever is neither the data's nor the configuration's fault; the run is still open then
 */
export async function executeRun(options: ExecuteOptions): Promise<void> {
  const { lease } = options;
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const persist = <T>(write: () => Promise<T>): Promise<T> =>
    retryWithBackoff(write, isOutage, { ...RETRY, signal });
  const journal = new RunJournal(lease, {
    intervalMs: options.progressIntervalMs,
    signal,
    onBroken: (error) => broken.abort(error),
  });
  try {
    const loaded = await loadRun(options);
    const result = await options.pipeline({
      csvPath: loaded.csvPath,
      format: loaded.format,
      receivedAt: loaded.receivedAt,
      spec: loaded.spec,
      mapping: loaded.run.mapping?.columns ?? {},
      entities: loaded.entities,
      model: loaded.configuration.modelConfig,
      workDirectory: options.workDirectory,
      checkpoint: fenced(new Checkpoints(options.objects).of(lease.key), () =>
        persist(() => lease.assertHeld()),
      ),
      signal,
      onPrepared: (preparation) => journal.prepared(preparation),
      onPhase: (phase) => journal.phase(phase),
      onProgress: (progress) => journal.progress(progress),
    });
    await journal.written();
    signal.throwIfAborted();
    await persist(() => finish(options, loaded, result));
  } catch (error) {
    if (options.signal.aborted || isLeaseLost(error) || isLeaseLost(broken.signal.reason)) return;
    if (broken.signal.aborted) throw broken.signal.reason;
    await journal.written();
    if (!(error instanceof AppError) || isOutage(error)) throw error;
    await persist(() => lease.fail(error.code, describe(error))).catch((failure: unknown) => {
      if (!isLeaseLost(failure)) throw failure;
    });
  }
}

interface LoadedRun {
  readonly run: TrainingRun;
  readonly configuration: DomainConfiguration;
  /** The configuration's, with what was accepted to be mended. */
  readonly spec: FeatureSpec;
  readonly csvPath: string;
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
  if (dataset.sha256 === null) {
    throw new AppError('INVALID_DATA', `The data set "${dataset.name}" has no content: upload it first.`);
  }
  const csvPath = await objects.forTenant(tenantId).localPath(dataset.sha256);
  const entities: EntitySource[] = [];
  for (const { name, datasetId, sha256, mapping } of run.entities ?? []) {
    const format = others.find(({ id }) => id === datasetId)?.format ?? undefined;
    const path = await objects.forTenant(tenantId).localPath(sha256);
    entities.push({ name, path, format, mapping: mapping.columns });
  }
  const steps = (run.cleaning ?? []).map(({ step }) => step);
  const spec = applySteps(configuration.featureSpec, run.mapping?.columns ?? {}, steps);
  const { format, uploadedAt: receivedAt } = dataset;
  return { run, configuration, spec, csvPath, entities, format, receivedAt };
}

/** Stores what the training brought forth and ends the run with it. Doing it twice leaves one model version. */
async function finish(
  { objects, lease }: ExecuteOptions,
  { run, spec }: LoadedRun,
  result: PipelineResult,
): Promise<void> {
  const store = objects.forTenant(lease.key.tenantId);
  // Content-addressed: what a lost lease leaves behind is found again by the next execution, or is the same bytes.
  const artifact = await store.put(result.artifact);
  if (result.explainer?.bytes) await store.put(result.explainer.bytes);
  const predictions = await store.put(predictionsCsv(result.predictions, result.heldOutFeatures));
  await lease.succeed(result.device, async (scope) => {
    await recordModelVersion(scope, {
      kind: run.kind,
      runId: run.id,
      artifactSha256: artifact.sha256,
      artifactBytes: artifact.bytes,
      predictionsSha256: predictions.sha256,
      featureSpec: spec,
      evaluation: result.evaluation,
      certificate: result.certificate,
      explainer: result.explainer?.certificate ?? null,
      rateIntervals: result.rateIntervals ?? null,
      recommendedThreshold: result.recommendedThreshold,
    });
  });
}

/** An execution that has lost its run must not put its checkpoint in place of a newer one. */
function fenced(checkpoint: CheckpointStore, assertHeld: () => Promise<void>): CheckpointStore {
  return {
    load: () => checkpoint.load(),
    save: async (bytes) => {
      await assertHeld();
      await checkpoint.save(bytes);
    },
  };
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof LeaseLostError;
}

/** The message with what is wrong where, as far as one message can hold it. */
function describe({ message, issues }: AppError): string {
  const shown = issues.slice(0, MAX_ISSUES).map((issue) => `${issue.path}: ${issue.message}`);
  return shown.length === 0 ? message : `${message} (${shown.join('; ')})`;
}
