import { defineDomain } from '../../src/domain-kit';
import { demoQuery } from './demo';
import { featureSpec } from './features';
import { generate } from './generator';
import { standard, tiny } from './model';
import { shopPolicy } from './policy';
import { shopPolicyOperations } from './policy-types';
import { DemandForecastResolver } from './demand-forecast/demand-forecast.resolver';
import { AudienceResolver } from './audience/audience.resolver';
import { CampaignPlanResolver } from './campaign-plan/campaign-plan.resolver';
import { RecommendItemsResolver } from './recommend-items/recommend-items.resolver';
import { PurchaseIntentResolver } from './resolver';

export default defineDomain({
  kind: 'ECOMMERCE_PURCHASE',
  slug: 'ecommerce-purchase',
  title: 'Purchase intent',
  description:
    'Whether the visit of a shop that begins now ends in a purchase, from everything the customer did before.',
  featureSpec,
  presets: { tiny, default: standard },
  policy: shopPolicy,
  resolvers: [
    PurchaseIntentResolver,
    RecommendItemsResolver,
    CampaignPlanResolver,
    AudienceResolver,
    DemandForecastResolver,
    ...shopPolicyOperations,
  ],
  demoQuery,
  generate,
});
