import { In } from 'typeorm';
import { AppError } from '../../errors';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type EntitySource } from '../../learning/preparation/entities/entity-tables';
import { type FileFormat } from '../../learning/preparation/formats/file-format';
import { type CheckpointStore } from '../../learning/training/contract';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { Dataset } from '../datasets/dataset.entity';
import { DomainConfiguration } from '../domains/domain-configuration.entity';
import { Checkpoints } from './checkpoints';
import { repeatedRuns } from './kept-checkpoints';
import { startWeights } from './start-version';
import { entitySources } from './entity-sources';
import { type Execution, type ExecutionOptions } from './execution';
import { type RunLease } from './run-lease';
import { eventSaid, preparationSaid } from './run-said';
import { runSpec } from './run-spec';
import { type PipelineInput } from './training-pipeline';
import { TrainingRun } from './training-run.entity';

export interface LoadOptions extends ExecutionOptions {
  readonly database: Database;
  readonly objects: ObjectStores;
  readonly workDirectory: string;
}

/** A run with all that it needs. */
export interface LoadedRun {
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

export async function loadRun({ database, objects, lease }: LoadOptions): Promise<LoadedRun> {
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

/** What any training of the run takes; an execution hears of it. */
export function pipelineInput(
  { lease, objects, workDirectory, trace }: LoadOptions,
  { run, repeated, configuration, spec, csvPath, file, entities, format, receivedAt }: LoadedRun,
  { signal, journal, log, persist }: Execution,
): PipelineInput {
  return {
    ...{ csvPath, format, receivedAt, spec, entities, file, workDirectory, signal },
    mapping: run.mapping?.columns ?? {},
    model: run.overrides?.model ?? configuration.modelConfig,
    requestedDevice: run.requestedDevice,
    checkpoint: fenced(new Checkpoints(objects).of(lease.key, repeated), lease, persist),
    onPrepared: (preparation) => {
      journal.prepared(preparation);
      for (const said of preparationSaid(preparation, spec)) log.say(said);
    },
    onPhase: (phase) => {
      trace?.enter(phase);
      journal.phase(phase);
      log.enter(phase);
    },
    onProgress: (progress) => journal.progress(progress),
    onEvent: (event) => {
      if (event.kind === 'compiled') log.runsOn(event.device);
      log.say(eventSaid(event));
    },
  };
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
