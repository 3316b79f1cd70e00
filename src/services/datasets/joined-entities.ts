import { type FeatureSpec } from '../../learning/features/feature-spec';
import { confirmedMapping } from '../../learning/preparation/mapping/resolve-mapping';
import { AppError } from '../../errors';
import { type FileFormat } from '../../learning/preparation/formats/file-format';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { specOfDataset } from './dataset-spec';
import { Dataset } from './dataset.entity';
import { mappingInForce, type UsedMapping } from './mapping-in-force';

/** The newest dataset of an entity, as a profile is joined with it. */
export interface JoinedEntity {
  readonly name: string;
  readonly datasetId: string;
  readonly sha256: string;
  readonly format: FileFormat | null;
  readonly mapping: UsedMapping;
}

/**
 * The newest READY dataset of each of a configuration's entities, in their order; none unless each has one whose mapping
 * is certain.
 */
export async function joinedEntities(
  scope: TenantScope,
  { kind, spec }: { readonly kind: string; readonly spec: FeatureSpec },
): Promise<JoinedEntity[]> {
  const found: JoinedEntity[] = [];
  for (const { name } of spec.entities ?? []) {
    const dataset = await scope
      .repository(Dataset)
      .findOne({ kind, entity: name, state: 'READY' }, { order: { uploadedAt: 'DESC', id: 'DESC' } });
    if (!dataset?.sha256) return [];
    const mapping = await mappingInForce(scope, dataset, specOfDataset(spec, dataset));
    const columns = certain(() => confirmedMapping(mapping));
    if (!columns) return [];
    const { id: datasetId, sha256, format } = dataset;
    found.push({ name, datasetId, sha256, format, mapping: { version: mapping.version, columns } });
  }
  return found;
}

/** By which a profile is found that was joined with them. */
export function joinedKey(entities: readonly JoinedEntity[]): string {
  return entities
    .map(({ name, datasetId, sha256, mapping }) => [name, datasetId, sha256, mapping.version].join(':'))
    .join(' ');
}

function certain<T>(mapping: () => T): T | null {
  try {
    return mapping();
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
