import { defineDomain } from '../../src/domain-kit';
import { demoQuery } from './demo';
import { featureSpec } from './features';
import { generate } from './generator';
import { standard, tiny } from './model';
import { RankAdsResolver } from './ranking/rank-ads.resolver';
import { AdClickResolver } from './resolver';

export default defineDomain({
  kind: 'SOCIAL_AD_CTR',
  slug: 'social-ad-ctr',
  title: 'Ad click-through',
  description: 'Whether a member of a social network clicks the ad that is about to be shown.',
  featureSpec,
  items: { item: 'ad_id', group: 'campaign_id', predicted: 'predicted_ctr' },
  presets: { tiny, default: standard },
  resolvers: [AdClickResolver, RankAdsResolver],
  demoQuery,
  generate,
});
