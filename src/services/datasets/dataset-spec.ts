import { AppError } from '../../errors';
import { entityFileSpec } from '../../learning/features/entities/entity-file';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { unlabelled } from '../../learning/features/unlabelled';
import { type Dataset } from './dataset.entity';

/**
 * What a dataset's file is read with: the configuration's specification, without its label where the file has none, or what that
 * reads of the entity.
 * @throws AppError INVALID_CONFIGURATION when the dataset is of an entity that the configuration does not have
 */
export function specOfDataset(
  spec: FeatureSpec,
  { entity, isLabelled }: Pick<Dataset, 'entity' | 'isLabelled'>,
): FeatureSpec {
  if (entity === null) return isLabelled ? spec : unlabelled(spec);
  const found = spec.entities?.find(({ name }) => name === entity);
  if (found) return entityFileSpec(spec, found);
  throw new AppError(
    'INVALID_CONFIGURATION',
    `The configuration in force has no entity ${entity}, which the dataset is of. ${entitiesOf(spec)}`,
    [{ path: 'featureSpec.entities', message: `has no ${entity}` }],
  );
}

/** Of what sort a dataset's file is, beside its specification. */
export function fileOptions(
  { entities = [] }: FeatureSpec,
  { entity }: Pick<Dataset, 'entity'>,
): { readonly isEntity: boolean; readonly keepsLast: boolean } {
  const keepsLast = entities.find(({ name }) => name === entity)?.cleaning?.keepLast === true;
  return { isEntity: entity !== null, keepsLast };
}

/** For messages. */
export function entitiesOf({ entities = [] }: FeatureSpec): string {
  return entities.length === 0
    ? 'It has none.'
    : `It has ${entities.map(({ name }) => JSON.stringify(name)).join(', ')}.`;
}
