import { type ValueTransformer } from 'typeorm';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { currentSpec } from '../../learning/features/stored-spec';

/** A specification in a row: read as it is written now, whenever it was stored. */
export const storedSpec: ValueTransformer = {
  to: (spec: FeatureSpec | undefined): FeatureSpec | undefined => spec,
  from: (spec: FeatureSpec | null): FeatureSpec | null => spec && currentSpec(spec),
};
