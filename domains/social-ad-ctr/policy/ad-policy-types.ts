import { Field, Float, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { enumOf } from '../../../src/graphql/enum-of';
import { Estimate } from '../../../src/graphql/policies/estimate';
import { policyOperations } from '../../../src/graphql/policies/policy-operations';
import { adPolicy } from './ad-policy';
import { type AdPolicyFigures as Figures } from './ad-policy-preview';
import { type AdPolicy as Policy, CAP_SCOPES, EXPLORATIONS } from './ad-policy-schema';

export const CapScope = enumOf(CAP_SCOPES);
registerEnumType(CapScope, {
  name: 'CapScope',
  description: 'What a frequency cap counts.',
  valuesConfig: {
    AD: { description: 'How often the member was shown the ad itself.' },
    CAMPAIGN: { description: 'How often the member was shown any ad of the campaign.' },
  },
});

export const AdExploration = enumOf(EXPLORATIONS);
registerEnumType(AdExploration, {
  name: 'AdExploration',
  description: 'How ads are tried that little is known of.',
  valuesConfig: {
    THOMPSON: { description: 'By a CTR that is drawn from what is known: the less, the wider.' },
    NONE: { description: 'Not at all: ads are ranked by what is expected of them.' },
  },
});

const TEXTS = {
  of: 'What is counted.',
  impressions: 'So many impressions at most, 1 to 1,000.',
  hours: 'Within so many hours, 1 to 720.',
  strength: 'How strongly a budget that runs ahead is held back, 0 (not at all) to 10; 4 by default.',
  least: 'The lowest factor that holds it back, 0 to 1; 0.05 by default.',
  method: 'How; THOMPSON by default.',
  priorImpressions:
    "What the model's answer weighs, in impressions of the ad, 1 to 1,000,000. Null, the default, leaves it to the model version: the less the click rates of held-out ads scatter around its answers, the more.",
  days: 'How many days back the impressions and clicks of an ad count, 1 to 90; 30 by default.',
  floorEcpm: 'Ads of a lower eCPM are not shown, in the currency of the bids; 0 by default.',
  frequencyCaps:
    'How often a member may see the same, at most 10 caps; by default an ad 4 times and a campaign 10 times in 24 hours. An empty list caps nothing.',
  pacing: 'How budgets are spread over their flight.',
  correctPlacements:
    'Whether CTRs are corrected by placement, where `adCalibration` offers a correction; false by default.',
  exploration: 'How ads are tried that little is known of.',
};
const described = (key: keyof typeof TEXTS) => ({ description: TEXTS[key] });
const optional = (key: keyof typeof TEXTS) => ({ description: TEXTS[key], nullable: true });

@ObjectType('FrequencyCap', { simpleResolvers: true, description: 'How often a member may see the same.' })
export class FrequencyCap {
  @Field(() => CapScope, described('of')) readonly of!: Policy['frequencyCaps'][number]['of'];
  @Field(() => Int, described('impressions')) readonly impressions!: number;
  @Field(() => Int, described('hours')) readonly hours!: number;
}

@InputType('FrequencyCapInput', { description: 'How often a member may see the same.' })
export class FrequencyCapInput {
  @Field(() => CapScope, described('of')) readonly of!: Policy['frequencyCaps'][number]['of'];
  @Field(() => Int, described('impressions')) readonly impressions!: number;
  @Field(() => Int, described('hours')) readonly hours!: number;
}

@ObjectType('AdPacing', { simpleResolvers: true, description: 'How budgets are spread over their flight.' })
export class AdPacing {
  @Field(() => Float, described('strength')) readonly strength!: number;
  @Field(() => Float, described('least')) readonly least!: number;
}

@InputType('AdPacingInput', { description: 'How budgets are spread over their flight.' })
export class AdPacingInput {
  @Field(() => Float, optional('strength')) readonly strength?: number | null;
  @Field(() => Float, optional('least')) readonly least?: number | null;
}

@ObjectType('AdExplorationPolicy', {
  simpleResolvers: true,
  description: 'How ads are tried that little is known of.',
})
export class AdExplorationPolicy {
  @Field(() => AdExploration, described('method')) readonly method!: Policy['exploration']['method'];
  @Field(() => Float, optional('priorImpressions')) readonly priorImpressions!: number | null;
  @Field(() => Int, described('days')) readonly days!: number;
}

@InputType('AdExplorationPolicyInput', { description: 'How ads are tried that little is known of.' })
export class AdExplorationPolicyInput {
  @Field(() => AdExploration, optional('method'))
  readonly method?: Policy['exploration']['method'] | null;
  @Field(() => Float, optional('priorImpressions')) readonly priorImpressions?: number | null;
  @Field(() => Int, optional('days')) readonly days?: number | null;
}

@ObjectType('AdPolicy', {
  simpleResolvers: true,
  description: 'How your tenant decides which ads to show: caps, floors, pacing and exploration.',
})
export class AdPolicy implements Policy {
  @Field(() => Float, described('floorEcpm')) readonly floorEcpm!: number;
  @Field(() => [FrequencyCap], described('frequencyCaps')) readonly frequencyCaps!: FrequencyCap[];
  @Field(() => AdPacing, described('pacing')) readonly pacing!: AdPacing;
  @Field(() => Boolean, described('correctPlacements')) readonly correctPlacements!: boolean;
  @Field(() => AdExplorationPolicy, described('exploration')) readonly exploration!: AdExplorationPolicy;
}

@InputType('AdPolicyInput', {
  description:
    'How to decide which ads to show. What is left out gets the default that its description names.',
})
export class AdPolicyInput {
  @Field(() => Float, optional('floorEcpm')) readonly floorEcpm?: number | null;
  @Field(() => [FrequencyCapInput], optional('frequencyCaps'))
  readonly frequencyCaps?: FrequencyCapInput[] | null;
  @Field(() => AdPacingInput, optional('pacing')) readonly pacing?: AdPacingInput | null;
  @Field(() => Boolean, optional('correctPlacements')) readonly correctPlacements?: boolean | null;
  @Field(() => AdExplorationPolicyInput, optional('exploration'))
  readonly exploration?: AdExplorationPolicyInput | null;
}

const untold = 'null where it was not kept with the model how often ads had been shown.';

@ObjectType('AdPolicyFigures', {
  simpleResolvers: true,
  description:
    'What a policy would have done about past impressions. They know how often their ad was shown within seven days, and no bids: caps of campaigns, and of more than seven days, are not in the figures.',
})
export class AdPolicyFigures implements Figures {
  @Field(() => String, { description: 'In one sentence for people; 95 % intervals in brackets.' })
  readonly summary!: string;

  @Field(() => Estimate, {
    nullable: true,
    description: `The share of impressions that caps on the ad would have held back: exactly for caps of seven days, at most for shorter ones; ${untold}`,
  })
  readonly cappedShare!: Estimate | null;

  @Field(() => Estimate, { nullable: true, description: `How many of these were clicked; ${untold}` })
  readonly cappedCtr!: Estimate | null;

  @Field(() => Estimate, { nullable: true, description: `How many of the others were clicked; ${untold}` })
  readonly keptCtr!: Estimate | null;

  @Field(() => Float, { description: 'The lowest bid with which half of the impressions pass the floor.' })
  readonly bidForHalf!: number;
}

/** Read, list, preview and draft. */
export const adPolicyOperations = policyOperations<Policy, Figures>({
  definition: adPolicy,
  name: 'AdPolicy',
  plural: 'AdPolicies',
  policy: AdPolicy,
  input: AdPolicyInput,
  figures: AdPolicyFigures,
});
