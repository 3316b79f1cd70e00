import { AppError } from '../../errors';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { acceptedCleaning } from '../datasets/cleaning-in-force';
import { Dataset } from '../datasets/dataset.entity';
import { mappingInForce, usedMapping } from '../datasets/mapping-in-force';
import { DomainConfiguration } from '../domains/domain-configuration.entity';
import { type RequestedDevice } from './requested-device';
import { type EntityDataset, runEntities, withCleaning } from './run-entities';
import { type RunPriority } from './run-priority';
import { startVersionId, type StartWanted } from './start-version';
import { type TrainingRun } from './training-run.entity';

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

/** What a training is asked for with, as things stand now. */
export interface RunInputs extends Pick<
  TrainingRun,
  | 'kind'
  | 'datasetId'
  | 'configurationId'
  | 'mapping'
  | 'cleaning'
  | 'startVersionId'
  | 'priority'
  | 'requestedDevice'
> {
  readonly entities: NonNullable<TrainingRun['entities']>;
  /** The one in force. */
  readonly configuration: DomainConfiguration;
}

/** @throws AppError as `TrainingService.start` */
export async function runInputs(scope: TenantScope, input: StartTraining): Promise<RunInputs> {
  const { kind } = input;
  const dataset = await usableDataset(scope, input);
  const configuration = await currentConfiguration(scope, kind);
  const { featureSpec: spec } = configuration;
  const mapping = usedMapping(await mappingInForce(scope, dataset, spec));
  const joined = await runEntities(scope, { kind, spec }, input.entities ?? []);
  return {
    ...{ kind, datasetId: dataset.id, configurationId: configuration.id, configuration, mapping },
    entities: await withCleaning(scope, spec, joined),
    cleaning: await acceptedCleaning(scope, dataset.id, { spec, mapping: mapping.columns }),
    startVersionId: await startVersionId(scope, kind, input.startFrom ?? 'NOTHING'),
    priority: input.priority ?? 'NORMAL',
    requestedDevice: input.device ?? 'AUTO',
  };
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
