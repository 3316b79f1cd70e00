import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type ColumnMapping } from '../../learning/preparation/mapping/column-mapping';
import {
  confirmedMapping,
  type MappingDecision,
  type ResolvedMapping,
  resolveMapping,
} from '../../learning/preparation/mapping/resolve-mapping';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type Dataset } from './dataset.entity';
import { DatasetMappingRecord } from './dataset-mapping.entity';

/** What the columns of a dataset are, as one configuration reads them. */
export interface MappingInForce extends ResolvedMapping {
  /** Of what people said; 0 where nobody said anything. */
  readonly version: number;
  readonly decisions: readonly MappingDecision[];
}

/** A mapping that is certain, as a run or a profile uses it. */
export interface UsedMapping {
  readonly version: number;
  /** Every column that the configuration reads, and what the file calls it. */
  readonly columns: ColumnMapping;
}

/** The newest decisions about a READY dataset, and guesses for the rest. */
export async function mappingInForce(
  scope: TenantScope,
  dataset: Pick<Dataset, 'id' | 'columns' | 'columnSketches'>,
  spec: FeatureSpec,
): Promise<MappingInForce> {
  const newest = await scope
    .repository(DatasetMappingRecord)
    .findOne({ datasetId: dataset.id }, { order: { version: 'DESC' } });
  const decisions = newest?.decisions ?? [];
  const seen = dataset.columnSketches ?? dataset.columns ?? [];
  return { version: newest?.version ?? 0, decisions, ...resolveMapping(spec, seen, decisions) };
}

/** @throws AppError MAPPING_UNCONFIRMED with an issue for each column that a person has to confirm */
export function usedMapping(mapping: MappingInForce): UsedMapping {
  return { version: mapping.version, columns: confirmedMapping(mapping) };
}
