import { Field, Float, ID, InputType, registerEnumType } from 'type-graphql';
import { AppError, type Issue } from '../../../src/errors';
import { enumOf } from '../../../src/graphql/enum-of';
import { EARLIEST_MOMENT_MS, LATEST_MOMENT_MS } from '../../../src/learning/features/moment';
import { isStorable } from '../../../src/services/events/event-input';
import { type Objective } from './plan-campaign';

export const MAX_CUSTOMERS = 1_000;
const MAX_OFFERS = 20;
const MAX_AMOUNT = 1e9;
const MAX_MULTIPLIER = 1_000;
const MAX_ISSUES = 100;

export const CampaignObjective = enumOf(['CONVERSIONS', 'PROFIT'] as const);
registerEnumType(CampaignObjective, {
  name: 'CampaignObjective',
  description: 'What a campaign is to bring as much of as possible.',
  valuesConfig: {
    CONVERSIONS: { description: 'Purchases.' },
    PROFIT: { description: 'What purchases earn, less the costs and discounts of the offers.' },
  },
});

@InputType('CampaignOfferInput', { description: 'Something that you can do for a customer.' })
export class CampaignOfferInput {
  @Field(() => ID, { description: 'Your name for it, 1 to 200 characters; each at most once.' })
  readonly id!: string;

  @Field(() => Float, {
    description: 'What it costs to make it, whatever comes of it, in your currency, 0 to 10⁹.',
  })
  readonly cost!: number;

  @Field(() => Float, {
    defaultValue: 0,
    description: 'What is taken off the price when the customer buys, in your currency, 0 to 10⁹.',
  })
  readonly discount!: number;

  @Field(() => Float, {
    description:
      'Your assumption: by what the offer multiplies the odds p / (1 − p) of a purchase, above 0, at most 1,000; 1 changes nothing. The model knows nothing of offers: take it from a test with a control group. An offer below 1 keeps customers from buying, and is not made.',
  })
  readonly oddsMultiplier!: number;
}

@InputType('CampaignPlanInput', { description: 'Whom to make which offers, and what they may cost.' })
export class CampaignPlanInput {
  @Field(() => [ID], {
    description:
      'The customers, as the stored events name them, 1 to 1,000, each at most once; a page of an `audience`, for example. Each counts as one prediction.',
  })
  readonly userIds!: readonly string[];

  @Field(() => [CampaignOfferInput], {
    description: 'The offers, 1 to 20. A customer gets one of them, or none.',
  })
  readonly offers!: readonly CampaignOfferInput[];

  @Field(() => Float, {
    description:
      'What the offers may cost in expectation, with the discounts that come of them, in your currency, 0 to 10⁹. With 0, only offers that cost nothing are made.',
  })
  readonly budget!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'What a purchase earns before discounts, in your currency, 0 to 10⁹; the `purchaseBenefit` of your policy when left out.',
  })
  readonly margin?: number | null;

  @Field(() => CampaignObjective, {
    defaultValue: CampaignObjective.PROFIT,
    description: 'What to bring as much of as the budget allows.',
  })
  readonly objective!: Objective;

  @Field(() => Date, {
    nullable: true,
    description: 'When the visits begin that are to end in purchases; now when left out.',
  })
  readonly at?: Date | null;
}

/**
 * Refuses what no plan could be right about.
 * @throws AppError BAD_USER_INPUT with the path of everything that is wrong
 */
export function checkCampaignPlan({ userIds, offers, budget, margin, at }: CampaignPlanInput): void {
  const issues: Issue[] = [];
  const wrong = (path: string, message: string): void => {
    if (issues.length < MAX_ISSUES) issues.push({ path, message });
  };
  const checkAmount = (path: string, amount: number): void => {
    if (!(amount >= 0 && amount <= MAX_AMOUNT))
      wrong(path, `must be a number from 0 to ${MAX_AMOUNT}, not ${amount}`);
  };
  const checkIds = (ids: readonly string[], pathOf: (place: number) => string): void => {
    const places = new Map<string, number>();
    for (const [place, id] of ids.entries()) {
      const earlier = places.get(id);
      if (!isStorable(id)) wrong(pathOf(place), 'must have 1 to 200 characters, without NUL');
      else if (earlier !== undefined) wrong(pathOf(place), `repeats ${pathOf(earlier)}: give each once`);
      else places.set(id, place);
    }
  };
  if (userIds.length < 1 || userIds.length > MAX_CUSTOMERS)
    wrong('userIds', `holds ${userIds.length} customers; give 1 to ${MAX_CUSTOMERS}`);
  else checkIds(userIds, (place) => `userIds.${place}`);
  if (offers.length < 1 || offers.length > MAX_OFFERS)
    wrong('offers', `holds ${offers.length} offers; give 1 to ${MAX_OFFERS}`);
  else
    checkIds(
      offers.map(({ id }) => id),
      (place) => `offers.${place}.id`,
    );
  for (const [place, { cost, discount, oddsMultiplier }] of offers.slice(0, MAX_OFFERS).entries()) {
    checkAmount(`offers.${place}.cost`, cost);
    checkAmount(`offers.${place}.discount`, discount);
    if (!(oddsMultiplier > 0 && oddsMultiplier <= MAX_MULTIPLIER))
      wrong(
        `offers.${place}.oddsMultiplier`,
        `must be above 0, at most ${MAX_MULTIPLIER}, not ${oddsMultiplier}`,
      );
  }
  checkAmount('budget', budget);
  if (margin != null) checkAmount('margin', margin);
  if (at && !(at.getTime() >= EARLIEST_MOMENT_MS && at.getTime() < LATEST_MOMENT_MS))
    wrong('at', 'must be a moment from the year 1900 on and before 2200');
  const [problem] = issues;
  if (problem) throw new AppError('BAD_USER_INPUT', `${problem.path} ${problem.message}`, issues);
}
