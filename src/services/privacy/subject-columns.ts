import { type SubjectColumns, subjectColumnsOf } from '../../learning/preparation/erasure/find-rows';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type ColumnMapping } from '../../learning/preparation/mapping/column-mapping';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type Dataset } from '../datasets/dataset.entity';
import { specOfDataset } from '../datasets/dataset-spec';
import { mappingInForce } from '../datasets/mapping-in-force';
import { DomainConfiguration } from '../domains/domain-configuration.entity';
import { TrainingRun } from '../training/training-run.entity';

/**
 * The columns of a dataset's file in which subjects are named, as any configuration that it was ever read with says, or
 * would say: what is only guessed counts, because a name too many is looked through and found empty.
 */
export async function subjectColumns(scope: TenantScope, dataset: Dataset): Promise<SubjectColumns> {
  const configurations = await scope
    .repository(DomainConfiguration)
    .find({ kind: dataset.kind }, { order: { version: 'DESC' } });
  const runs = await scope.repository(TrainingRun).find({ datasetId: dataset.id });
  const found: SubjectColumns[] = [];
  for (const { id, version, featureSpec } of configurations) {
    const own = runs.filter(({ configurationId }) => configurationId === id);
    // Those in force now, and those that were trained with.
    if (version !== configurations[0]?.version && own.length === 0) continue;
    for (const mapping of [
      await guessedMapping(scope, dataset, featureSpec),
      ...own.map(({ mapping }) => mapping?.columns),
    ])
      found.push(subjectColumnsOf(featureSpec, { mapping, entity: dataset.entity }));
  }
  return {
    subjects: [...new Set(found.flatMap(({ subjects }) => subjects))],
    ids: [...new Set(found.flatMap(({ ids }) => ids))],
  };
}

/** Also what waits for confirmation. */
async function guessedMapping(
  scope: TenantScope,
  dataset: Dataset,
  spec: FeatureSpec,
): Promise<ColumnMapping> {
  if (dataset.entity !== null && !spec.entities?.some(({ name }) => name === dataset.entity)) return {};
  const { columns } = await mappingInForce(scope, dataset, specOfDataset(spec, dataset));
  return Object.fromEntries(
    columns.flatMap(({ column, source }) => (source === null ? [] : [[column, source]])),
  );
}
