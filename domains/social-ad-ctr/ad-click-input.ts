import { Field, Float, ID, InputType } from 'type-graphql';
import { HistoryEventInput, PredictionInput } from '../../src/graphql/prediction/prediction-input';

const optional = (description: string) => ({ nullable: true, description });

@InputType('MemberEventInput', {
  description: 'An ad that a member was shown, or a post that the member reacted to.',
})
export class MemberEventInput extends HistoryEventInput {
  @Field(() => String, optional('What happened: impression, like, share or hide.'))
  readonly kind?: string | null;

  @Field(() => String, optional('The category of the ad, or of the post.'))
  readonly category?: string | null;

  @Field(() => String, optional('The format of the ad: image, video, carousel or story.'))
  readonly format?: string | null;

  @Field(() => Boolean, optional('Whether the ad was clicked; impressions only.'))
  readonly clicked?: boolean | null;

  @Field(() => Float, optional('Seconds that it stayed on the screen.'))
  readonly dwellSeconds?: number | null;
}

@InputType('AdInput', { description: 'An ad and the place where it is about to be shown.' })
export class AdInput {
  @Field(() => String, optional('What is advertised.'))
  readonly category?: string | null;

  @Field(() => String, optional('image, video, carousel or story.'))
  readonly format?: string | null;

  @Field(() => String, optional('feed, stories, reels or sidebar.'))
  readonly placement?: string | null;

  @Field(() => String, optional('Who advertises.'))
  readonly advertiser?: string | null;

  @Field(() => Float, optional('How many times the member was shown this ad within the last seven days.'))
  readonly frequency?: number | null;

  @Field(() => String, optional('Why this member: retargeting, interest, lookalike or broad.'))
  readonly targeting?: string | null;
}

@InputType('AdClickInput', {
  description:
    'An ad that is about to be shown to a member, and what the member did before. What is left out counts as missing; what the promoted model did not learn from is passed over.',
})
export class AdClickInput extends PredictionInput {
  @Field(() => ID, optional('The member, as its events name it; repeated in the answer.'))
  readonly userId?: string | null;

  @Field(() => AdInput, optional('The ad.'))
  readonly ad?: AdInput | null;

  @Field(() => String, optional('The device in hand: mobile, desktop or tablet.'))
  readonly device?: string | null;

  @Field(() => String, optional("The member's age: 18-24, 25-34, 35-49 or 50+."))
  readonly ageBand?: string | null;

  @Field(
    () => [MemberEventInput],
    optional(
      'What the member saw and did before, in any order; the latest count. Left out, the stored events of the member are looked up; an empty list says that there are none.',
    ),
  )
  readonly history?: readonly MemberEventInput[] | null;
}
