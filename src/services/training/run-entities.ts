import { AppError, type Issue } from '../../errors';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type CleaningProposal } from '../../learning/preparation/cleaning/propose';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { acceptedCleaning } from '../datasets/cleaning-in-force';
import { Dataset } from '../datasets/dataset.entity';
import { entitiesOf, specOfDataset } from '../datasets/dataset-spec';
import {
  mappingInForce,
  type MappingInForce,
  usedMapping,
  type UsedMapping,
} from '../datasets/mapping-in-force';

/** Which dataset holds one of the configuration's entities. */
export interface EntityDataset {
  readonly name: string;
  readonly datasetId: string;
}

/** As a run uses it. */
export interface RunEntity extends EntityDataset {
  readonly sha256: string;
  readonly mapping: UsedMapping;
  /** What of its file is mended; of trainings, and absent where that was not recorded yet. */
  readonly cleaning?: readonly CleaningProposal[];
}

/**
 * The datasets that a run is joined with, in the order of the specification.
 * @throws AppError NOT_FOUND for a dataset; BAD_USER_INPUT with an issue for each entity that is missing, unknown, named
 *   twice, or whose dataset holds something else or nothing; MAPPING_UNCONFIRMED
 */
export async function runEntities(
  scope: TenantScope,
  { kind, spec }: { readonly kind: string; readonly spec: FeatureSpec },
  given: readonly EntityDataset[],
): Promise<RunEntity[]> {
  const names = (spec.entities ?? []).map(({ name }) => name);
  const datasets: Dataset[] = [];
  for (const { datasetId } of given) datasets.push(await scope.repository(Dataset).getOrThrow(datasetId));
  const issues: Issue[] = [];
  given.forEach(({ name }, index) => {
    const dataset = datasets[index];
    const complain = (field: string, message: string) =>
      issues.push({ path: `entities.${index}.${field}`, message });
    if (!names.includes(name))
      complain('name', `the configuration has no entity ${JSON.stringify(name)}. ${entitiesOf(spec)}`);
    else if (given.findIndex((other) => other.name === name) !== index) complain('name', 'is named twice');
    else if (dataset?.kind !== kind) complain('datasetId', 'is a dataset of another domain');
    else if (dataset.entity !== name)
      complain('datasetId', `is a dataset of ${dataset.entity ?? 'rows or events'}, not of ${name}`);
    else if (dataset.sha256 === null) complain('datasetId', 'has no content yet: upload its file first');
  });
  for (const name of names)
    if (given.every((other) => other.name !== name))
      issues.push({
        path: 'entities',
        message: `name the dataset of ${name}, one that createDataset made with entity: ${JSON.stringify(name)}`,
      });
  if (issues.length > 0)
    throw new AppError(
      'BAD_USER_INPUT',
      `The entities do not fit the configuration: ${issues[0]?.message ?? ''}.`,
      issues,
    );
  const entities: RunEntity[] = [];
  for (const name of names) {
    const index = given.findIndex((other) => other.name === name);
    const dataset = datasets[index];
    if (!dataset) continue;
    const mapping = await mappingInForce(scope, dataset, specOfDataset(spec, dataset));
    entities.push({
      name,
      datasetId: dataset.id,
      sha256: dataset.sha256 ?? '',
      mapping: mappingOf(name, mapping),
    });
  }
  return entities;
}

/** An error says whose columns it is about. */
function mappingOf(name: string, mapping: MappingInForce): UsedMapping {
  try {
    return usedMapping(mapping);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const issues = error.issues.map(({ path, message }) => ({ path: `${name}.${path}`, message }));
    throw new AppError(error.code, `The entity ${name}: ${error.message}`, issues);
  }
}

/** The same with what was accepted to be mended in their files; the examples are values that an erasure would have to find. */
export async function withCleaning(
  scope: TenantScope,
  spec: FeatureSpec,
  entities: readonly RunEntity[],
): Promise<RunEntity[]> {
  const cleaned: RunEntity[] = [];
  for (const entity of entities) {
    const { name, datasetId, mapping } = entity;
    const accepted = await acceptedCleaning(scope, datasetId, {
      spec,
      mapping: mapping.columns,
      entity: name,
    });
    cleaned.push({ ...entity, cleaning: accepted.map((proposal) => ({ ...proposal, example: null })) });
  }
  return cleaned;
}
