import { AppError } from '../../errors';
import { entityFileSpec } from '../../learning/features/entities/entity-file';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type Dataset } from './dataset.entity';

/**
 * What a dataset's file is read with: the configuration's specification, or what that reads of the entity.
 * @throws AppError INVALID_CONFIGURATION when the dataset is of an entity that the configuration does not have
 */
export function specOfDataset(spec: FeatureSpec, { entity }: Pick<Dataset, 'entity'>): FeatureSpec {
  if (entity === null) return spec;
  const found = spec.entities?.find(({ name }) => name === entity);
  if (found) return entityFileSpec(spec, found);
  throw new AppError(
    'INVALID_CONFIGURATION',
    `The configuration in force has no entity ${entity}, which the dataset is of. ${entitiesOf(spec)}`,
    [{ path: 'featureSpec.entities', message: `has no ${entity}` }],
  );
}

/** For messages. */
export function entitiesOf({ entities = [] }: FeatureSpec): string {
  return entities.length === 0
    ? 'It has none.'
    : `It has ${entities.map(({ name }) => JSON.stringify(name)).join(', ')}.`;
}
