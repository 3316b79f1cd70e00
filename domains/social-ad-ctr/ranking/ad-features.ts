import { type FeatureSpec } from '../../../src/learning/features/feature-spec';
import { columnOf } from '../../../src/learning/features/read-columns';

const AD_COLUMN = 'ad_id';
/** Of the domain's features, those of the ad itself. */
const OF_AD = ['category', 'format', 'advertiser'];

/**
 * The features that tell ads apart: the ad's id where the model reads it, and otherwise what it reads of the ad itself,
 * which ads may share.
 */
export function adFeatures({ features }: FeatureSpec): readonly string[] {
  const categories = features.filter((feature) => feature.type === 'categorical');
  const id = categories.find((feature) => columnOf(feature) === AD_COLUMN);
  if (id) return [id.name];
  return categories.map(({ name }) => name).filter((name) => OF_AD.includes(name));
}
