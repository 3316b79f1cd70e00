import { AppError } from '../../errors';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type DomainConfiguration } from '../domains/domain-configuration.entity';

/**
 * The specification that stored events are read with.
 * @throws AppError INVALID_CONFIGURATION when the domain is configured for tables, which have no events
 */
export function eventSpecOf({ kind, featureSpec }: DomainConfiguration): FeatureSpec {
  if (featureSpec.shape === 'EVENTS') return featureSpec;
  throw new AppError(
    'INVALID_CONFIGURATION',
    `The domain ${kind} is configured for tables of examples; events need a specification of the shape EVENTS.`,
    [{ path: 'featureSpec.shape', message: 'must be EVENTS' }],
  );
}
