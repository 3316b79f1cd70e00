import { featureSpecSchema } from '../../../src/learning/features/feature-spec';
import { featureSpec } from '../features';
import { adFeatures } from './ad-features';

const spec = featureSpecSchema.parse(featureSpec);

describe('the features that tell ads apart', () => {
  it('are those of the ad itself in the domain, whose data has no ids of ads', () => {
    expect(adFeatures(spec)).toEqual(['category', 'format', 'advertiser']);
  });

  it('is the ad’s id alone where the model reads it, by whatever name', () => {
    const id = { type: 'categorical' as const, name: 'ad', column: 'ad_id', maxVocabulary: 10 };
    expect(adFeatures({ ...spec, features: [...spec.features, id] })).toEqual(['ad']);
  });
});
