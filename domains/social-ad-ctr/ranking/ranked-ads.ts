import { createUnionType, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { type Issue as IssueData } from '../../../src/errors';
import { enumOf } from '../../../src/graphql/enum-of';
import { PredictionHistory, ServingVersion } from '../../../src/graphql/prediction/prediction';
import { Issue } from '../../../src/graphql/results/issue';
import { QuotaExceeded } from '../../../src/graphql/quotas/quota-exceeded';
import { InvalidFeatures, ModelNotReady } from '../../../src/graphql/results/shared-errors';
import { AdClick } from '../ad-click';
import { ADJUSTMENTS, DROP_REASONS, type DropReason } from './rank';

export const AdAdjustmentKind = enumOf(ADJUSTMENTS);

registerEnumType(AdAdjustmentKind, {
  name: 'AdAdjustmentKind',
  description: 'Why an ad is ranked by something else than its eCPM.',
  valuesConfig: {
    PACED: { description: 'Its campaign has spent more of its budget than of its time: it is held back.' },
    EXPLORED: { description: 'It is ranked by a CTR that was drawn from what is known of it.' },
  },
});

export const AdDropReason = enumOf(DROP_REASONS);

registerEnumType(AdDropReason, {
  name: 'AdDropReason',
  description: 'Why an ad is not shown.',
  valuesConfig: {
    INVALID: { description: 'Something is wrong with the candidate; `issues` says what and where.' },
    DUPLICATE: { description: 'The same ad is in the list with a value that is as high or higher.' },
    OUTSIDE_FLIGHT: { description: 'Its campaign has not begun, or has ended.' },
    BUDGET_SPENT: { description: 'The budget of its campaign is spent.' },
    FREQUENCY_CAP: { description: 'The member was shown the ad, or its campaign, as often as is allowed.' },
    BELOW_FLOOR: { description: 'Its eCPM is below the floor of the policy.' },
  },
});

@ObjectType('AdAdjustment', {
  simpleResolvers: true,
  description: 'A factor between the eCPM and the score of an ad.',
})
export class AdAdjustment {
  @Field(() => AdAdjustmentKind, { description: 'Why.' })
  readonly kind!: string;

  @Field(() => Float, { description: 'The factor; below 1 the ad is demoted.' })
  readonly factor!: number;

  @Field(() => String, { description: 'Why, for people.' })
  readonly message!: string;
}

@ObjectType('RankedAd', { simpleResolvers: true, description: 'An ad that may be shown.' })
export class RankedAd {
  @Field(() => AdClick, {
    description:
      'Its prediction, with interval, reasons and model version. `probability` is without the factor of the placement.',
  })
  readonly prediction!: AdClick;

  @Field(() => ID, {
    nullable: true,
    complexity: 1,
    simple: false,
    description:
      'The id of its prediction, with what it was ranked by, the seed and the version of the policy (`prediction { decided }`), for its outcome (`recordOutcomes`) and its replay. Candidates are recorded only where this is asked for: ask for as many as are shown. Null, with an error, when it could not be recorded.',
  })
  get predictionId(): Promise<string | null> {
    return this.prediction.id;
  }

  @Field(() => ID, { description: 'The ad.' })
  readonly adId!: string;

  @Field(() => ID, { nullable: true, description: 'Its campaign.' })
  readonly campaign!: string | null;

  @Field(() => Int, { description: 'Where it stands among the candidates, from 0.' })
  readonly index!: number;

  @Field(() => Float, { description: 'What a click is worth.' })
  readonly bid!: number;

  @Field(() => Float, { description: 'The calibrated probability of a click, 0 to 1.' })
  readonly ctr!: number;

  @Field(() => Float, {
    description:
      'The CTR after what stored impressions of the ad say: the mean of the posterior that exploration draws from.',
  })
  readonly smoothedCtr!: number;

  @Field(() => Int, {
    description: 'Stored impressions of the ad that the smoothed CTR is of; 0 for an ad that is not known.',
  })
  readonly impressions!: number;

  @Field(() => Float, { description: 'What a thousand impressions are worth: 1000 · bid · CTR.' })
  readonly eCpm!: number;

  @Field(() => Float, { description: 'What it is ranked by: eCPM times the factors of `adjustments`.' })
  readonly score!: number;

  @Field(() => [AdAdjustment], { description: 'What stands between eCPM and score; empty where they agree.' })
  readonly adjustments!: readonly AdAdjustment[];
}

@ObjectType('DroppedAd', { simpleResolvers: true, description: 'A candidate that is not to be shown.' })
export class DroppedAd {
  @Field(() => ID, { description: 'The ad.' })
  readonly adId!: string;

  @Field(() => Int, { description: 'Where it stands among the candidates, from 0.' })
  readonly index!: number;

  @Field(() => Float, { nullable: true, description: 'The calibrated CTR; null for invalid candidates.' })
  readonly ctr!: number | null;

  @Field(() => Float, { nullable: true, description: '1000 · bid · CTR; null for invalid candidates.' })
  readonly eCpm!: number | null;

  @Field(() => AdDropReason, { description: 'Why, for programs.' })
  readonly reason!: DropReason;

  @Field(() => String, { description: 'Why, for people.' })
  readonly message!: string;

  @Field(() => [Issue], { description: 'What is wrong with an invalid candidate, each with its place.' })
  readonly issues!: readonly IssueData[];
}

@ObjectType('RankedAds', {
  simpleResolvers: true,
  description: 'Which ads to show, best first, and which not. Every candidate is counted once.',
})
export class RankedAds {
  @Field(() => ID, { nullable: true, description: 'The member, as the input named it.' })
  readonly subjectId!: string | null;

  @Field(() => [RankedAd], { description: 'Best first, as many as asked for or as there are.' })
  readonly ads!: readonly RankedAd[];

  @Field(() => Int, { description: 'Ads that may be shown, answered or not.' })
  readonly eligible!: number;

  @Field(() => [DroppedAd], { description: 'The others, in the order given.' })
  readonly dropped!: readonly DroppedAd[];

  @Field(() => Int, { description: 'What exploration drew with: give it to have the answer repeated.' })
  readonly seed!: number;

  @Field(() => Int, { description: "The version of your tenant's policy; 0 is the domain's default." })
  readonly policyVersion!: number;

  @Field(() => Float, {
    description:
      'The factor on the odds of every CTR that corrects the model in this placement; 1 where none is offered, or the policy wants none.',
  })
  readonly placementFactor!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      "What the model's answer weighs beside stored impressions where a CTR is drawn, in impressions: the policy's, or what the scatter of held-out click rates around the version's answers says. Null where nothing is explored.",
  })
  readonly priorImpressions!: number | null;

  @Field(() => ServingVersion, { description: 'The model version that answered for all of them.' })
  readonly modelVersion!: ServingVersion;

  @Field(() => PredictionHistory, {
    nullable: true,
    description: 'What it was told of the past; null when no candidate could be scored.',
  })
  readonly history!: PredictionHistory | null;
}

export const RankAdsResult = createUnionType({
  name: 'RankAdsResult',
  description:
    'The ranking, or why there is none. What is wrong with one candidate does not keep the others from being ranked.',
  types: () => [RankedAds, InvalidFeatures, ModelNotReady, QuotaExceeded] as const,
});
