import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { FeatureValueInput } from '../../../src/graphql/prediction/feature-value';
import { MemberEventInput } from '../ad-click-input';
import { type CAP_SCOPES } from '../policy/ad-policy-schema';
import { CapScope } from '../policy/ad-policy-types';

const optional = (description: string) => ({ nullable: true, description });

@InputType('CandidateAdInput', { description: 'An ad that might be shown.' })
export class CandidateAdInput {
  @Field(() => ID, { description: 'The ad, as `ad_id` of its stored impressions names it.' })
  readonly adId!: string;

  @Field(() => ID, optional('Its campaign, as `campaign_id` of stored impressions names it.'))
  readonly campaign?: string | null;

  @Field(() => Float, {
    description: 'What a click is worth, in any currency, the same for all: 0 to 1,000,000,000.',
  })
  readonly bid!: number;

  @Field(() => String, optional('What is advertised.'))
  readonly category?: string | null;

  @Field(() => String, optional('image, video, carousel or story.'))
  readonly format?: string | null;

  @Field(() => String, optional('Who advertises.'))
  readonly advertiser?: string | null;

  @Field(
    () => Float,
    optional(
      'How many times the member was shown this ad within the last seven days. Left out, it is counted from stored events, if all of the member’s impressions say which ad they were of.',
    ),
  )
  readonly frequency?: number | null;

  @Field(() => String, optional('Why this member: retargeting, interest, lookalike or broad.'))
  readonly targeting?: string | null;

  @Field(
    () => [FeatureValueInput],
    optional('Features of the ad by name, for specifications of your own; unknown names are errors.'),
  )
  readonly features?: readonly FeatureValueInput[] | null;
}

@InputType('CampaignSpendInput', { description: 'The budget of a campaign, and how much of it is spent.' })
export class CampaignSpendInput {
  @Field(() => ID, { description: 'The campaign, as candidates name it.' })
  readonly id!: string;

  @Field(() => Float, { description: 'For the whole flight, above 0.' })
  readonly budget!: number;

  @Field(() => Float, { description: 'So far, 0 or more.' })
  readonly spent!: number;

  @Field(() => Date, { description: 'When the flight begins.' })
  readonly startsAt!: Date;

  @Field(() => Date, { description: 'When it has ended; after the beginning.' })
  readonly endsAt!: Date;
}

@InputType('AdExposureInput', { description: 'How often a member was shown something lately.' })
export class AdExposureInput {
  @Field(() => CapScope, { description: 'Whether `id` is an ad or a campaign.' })
  readonly of!: (typeof CAP_SCOPES)[number];

  @Field(() => ID, { description: 'The ad or the campaign.' })
  readonly id!: string;

  @Field(() => Int, { description: 'Within so many hours: those of a cap of the policy.' })
  readonly hours!: number;

  @Field(() => Int, { description: 'So many times, 0 or more.' })
  readonly count!: number;
}

@InputType('RankAdsInput', {
  description:
    'A place to fill, for whom, and with which ads it might be filled. What is left out counts as missing; what the promoted model did not learn from is passed over.',
})
export class RankAdsInput {
  @Field(() => ID, optional('The member, as its events name it; repeated in the answer.'))
  readonly userId?: string | null;

  @Field(() => Date, optional('The moment; now when left out.'))
  readonly at?: Date | null;

  @Field(() => String, optional('feed, stories, reels or sidebar.'))
  readonly placement?: string | null;

  @Field(() => String, optional('The device in hand: mobile, desktop or tablet.'))
  readonly device?: string | null;

  @Field(() => String, optional("The member's age: 18-24, 25-34, 35-49 or 50+."))
  readonly ageBand?: string | null;

  @Field(
    () => [FeatureValueInput],
    optional('Features that all candidates share by name, for specifications of your own.'),
  )
  readonly features?: readonly FeatureValueInput[] | null;

  @Field(
    () => [MemberEventInput],
    optional(
      'What the member saw and did before, in any order; the latest count. Left out, the stored events of the member are looked up, once for all candidates; an empty list says that there are none.',
    ),
  )
  readonly history?: readonly MemberEventInput[] | null;

  @Field(() => [CandidateAdInput], { description: 'The ads, 1 to 1,000.' })
  readonly candidates!: readonly CandidateAdInput[];

  @Field(
    () => [CampaignSpendInput],
    optional('Budgets to be paced and ended; campaigns without one are not paced.'),
  )
  readonly campaigns?: readonly CampaignSpendInput[] | null;

  @Field(
    () => [AdExposureInput],
    optional(
      'For frequency caps: what is not in the list counts as never shown. Left out, it is counted from the stored events of the member.',
    ),
  )
  readonly exposures?: readonly AdExposureInput[] | null;

  @Field(() => Int, { defaultValue: 10, description: 'Ads to answer with, 1 to 1,000.' })
  readonly first!: number;

  @Field(
    () => Int,
    optional(
      'Of exploration: the same seed draws the same rates for the same ads. Left out, one is drawn and answered.',
    ),
  )
  readonly seed?: number | null;
}
