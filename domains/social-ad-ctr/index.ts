import { defineDomain } from '../../src/domain-kit';
import { AD_KIND } from './ad-kind';
import { AdCalibrationResolver } from './calibration/ad-calibration.resolver';
import { demoQuery } from './demo';
import { featureSpec } from './features';
import { generate } from './generator';
import { standard, tiny } from './model';
import { adPolicy } from './policy/ad-policy';
import { adPolicyOperations } from './policy/ad-policy-types';
import { PlacementPlanResolver } from './placement-plan/placement-plan.resolver';
import { RankAdsResolver } from './ranking/rank-ads.resolver';
import { AdClickResolver } from './resolver';

export default defineDomain({
  kind: AD_KIND,
  slug: 'social-ad-ctr',
  title: 'Ad click-through',
  description: 'Whether a member of a social network clicks the ad that is about to be shown.',
  featureSpec,
  policy: adPolicy,
  items: { item: 'ad_id', group: 'campaign_id', predicted: 'predicted_ctr' },
  presets: { tiny, default: standard },
  resolvers: [
    AdClickResolver,
    RankAdsResolver,
    AdCalibrationResolver,
    PlacementPlanResolver,
    ...adPolicyOperations,
  ],
  demoQuery,
  generate,
});
