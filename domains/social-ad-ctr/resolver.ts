import { Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { TENANT_MEMBERS } from '../../src/graphql/authorization';
import { type GraphqlContext } from '../../src/graphql/context';
import { GivenArg } from '../../src/graphql/given-argument';
import { type Given } from '../../src/graphql/given/scanned-inputs';
import { perItem } from '../../src/graphql/limits/cost';
import { DomainPredictions, type PredictionOutcome } from '../../src/graphql/prediction/domain-predictions';
import { type Role } from '../../src/platform/tenancy/role';
import { PredictionService } from '../../src/services/prediction/prediction.service';
import { AD_KIND } from './ad-kind';
import { AdClick, AdClickResult, AdDecision } from './ad-click';
import { AdClickInput } from './ad-click-input';

export const clicks = new DomainPredictions<AdClickInput, AdClick>({
  kind: AD_KIND,
  answer: AdClick,
  decisions: { yes: AdDecision.CLICK, no: AdDecision.NO_CLICK },
  subject: 'userId',
  read: ({ userId, at, ad, features, history, ...known }) => ({
    subjectId: userId,
    at,
    known: { '': known, ad },
    features,
    history,
  }),
});

@Resolver()
export class AdClickResolver {
  constructor(private readonly predictions: PredictionService) {}

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => AdClickResult, {
    description:
      'Whether a member clicks the ad that is about to be shown, from everything the member saw and did before. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  adClick(
    @Ctx() ctx: GraphqlContext,
    @GivenArg('input', () => AdClickInput, { description: 'The ad, the member and the history.' })
    input: Given<AdClickInput>,
  ): Promise<PredictionOutcome<AdClick>> {
    return clicks.one(this.predictions, ctx, input);
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => [AdClickResult], {
    complexity: perItem('inputs'),
    description:
      '`adClick` for many impressions, answered by one model version in the order of the inputs; what is wrong with one of them does not keep the others from being answered. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  adClicks(
    @Ctx() ctx: GraphqlContext,
    @GivenArg('inputs', () => [AdClickInput], { description: 'Ads, members and histories, at most 1,000.' })
    inputs: Given<AdClickInput[]>,
  ): Promise<PredictionOutcome<AdClick>[]> {
    return clicks.each(this.predictions, ctx, inputs);
  }
}
