import { createUnionType, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { enumOf } from '../../../src/graphql/enum-of';
import { ServingVersion } from '../../../src/graphql/prediction/prediction';
import { QuotaExceeded } from '../../../src/graphql/quotas/quota-exceeded';
import { InvalidFeatures, ModelNotReady } from '../../../src/graphql/results/shared-errors';
import { type CountInterval as Interval } from '../../../src/learning/decisions/poisson-binomial';
import { type ServingVersion as Version } from '../../../src/services/prediction/servable';
import { type CampaignPlan as Plan } from './plan-campaign';

export const CountMethod = enumOf(['EXACT', 'NORMAL'] as const);
registerEnumType(CountMethod, {
  name: 'CountMethod',
  description: 'How an interval of a count was computed.',
  valuesConfig: {
    EXACT: { description: 'From the distribution itself (Poisson binomial).' },
    NORMAL: { description: 'From the normal distribution of the same mean and variance.' },
  },
});

@ObjectType('ExpectedCount', {
  simpleResolvers: true,
  description:
    'How many of some customers buy. The interval holds if the probabilities are right and the customers decide independently: what moves them all alike (a holiday, a rival’s sale, a wrong assumption about the offers) is not in it and makes the true one wider.',
})
export class ExpectedCount {
  @Field(() => Float, { description: 'The mean: the sum of the probabilities.' })
  readonly expected!: number;

  @Field(() => Int, { description: 'With 95 %, at least so many …' })
  readonly low!: number;

  @Field(() => Int, { description: '… and at most so many.' })
  readonly high!: number;

  @Field(() => CountMethod, { description: 'How it was computed.' })
  readonly method!: Interval['method'];

  static from(interval: Interval): ExpectedCount {
    return Object.assign(new ExpectedCount(), interval);
  }
}

@ObjectType('CampaignAssignment', { simpleResolvers: true, description: 'A customer and an offer.' })
export class CampaignAssignment {
  @Field(() => ID, { description: 'The customer.' })
  readonly userId!: string;

  @Field(() => ID, { description: 'The offer.' })
  readonly offerId!: string;

  @Field(() => Float, {
    description: 'The probability of a purchase without an offer, by the model, 0 to 1.',
  })
  readonly probability!: number;

  @Field(() => Float, {
    description: 'The probability with the offer, if your assumption about it holds, 0 to 1.',
  })
  readonly offeredProbability!: number;

  @Field(() => Float, {
    description: 'What it takes from the budget: cost + offeredProbability × discount.',
  })
  readonly expectedCost!: number;

  @Field(() => Float, {
    description:
      'What the offer adds to the profit: (offeredProbability − probability) × margin − expectedCost. Below 0 only where purchases are the objective.',
  })
  readonly addedProfit!: number;
}

@ObjectType('CampaignPlan', {
  simpleResolvers: true,
  description: 'Which offer to make to whom, and what to expect of it.',
})
export class CampaignPlan {
  @Field(() => [CampaignAssignment], {
    description: 'Who gets an offer, in the order of `userIds`; the others get none.',
  })
  readonly assignments!: readonly CampaignAssignment[];

  @Field(() => Float, { description: 'What the plan takes from the budget in expectation.' })
  readonly expectedCost!: number;

  @Field(() => ExpectedCount, {
    description: 'Purchases of all customers given, with an offer or without, under the plan.',
  })
  readonly conversions!: ExpectedCount;

  @Field(() => ExpectedCount, { description: 'Purchases of all customers given if nobody gets an offer.' })
  readonly conversionsWithoutOffers!: ExpectedCount;

  @Field(() => Float, {
    description: 'What the plan adds to the profit over no offers, in expectation, in your currency.',
  })
  readonly addedProfit!: number;

  @Field(() => Float, {
    description: 'What the plan adds of the objective: purchases, or profit in your currency.',
  })
  readonly value!: number;

  @Field(() => Float, {
    description: 'No plan within the budget adds more than this: the bound of the linear relaxation.',
  })
  readonly bound!: number;

  @Field(() => Float, {
    description:
      'What a little more budget would add of the objective per unit of currency; 0 where the budget is not used up.',
  })
  readonly shadowPrice!: number;

  @Field(() => ServingVersion, {
    description:
      'The model version that the probabilities are of: of most of them, where a challenger answers for some of the customers.',
  })
  readonly modelVersion!: ServingVersion;

  @Field(() => [ServingVersion], {
    description: 'All model versions that the probabilities are of; a customer’s are always of the same one.',
  })
  readonly modelVersions!: readonly ServingVersion[];

  static from(
    plan: Plan,
    userIds: readonly string[],
    answers: readonly { readonly modelVersion: Version }[],
  ): CampaignPlan {
    const modelVersions = versionsOf(answers);
    const { assignments, conversions, conversionsWithout, ...rest } = plan;
    return Object.assign(new CampaignPlan(), {
      ...rest,
      assignments: assignments.map(({ customer, offer, ...assignment }) => ({
        ...assignment,
        userId: userIds[customer],
        offerId: offer.id,
      })),
      conversions: ExpectedCount.from(conversions),
      conversionsWithoutOffers: ExpectedCount.from(conversionsWithout),
      modelVersion: modelVersions[0],
      modelVersions,
    });
  }
}

/** Those that answered, the one that answered most first. */
function versionsOf(answers: readonly { readonly modelVersion: Version }[]): ServingVersion[] {
  const counts = new Map<string, { readonly version: Version; count: number }>();
  for (const { modelVersion } of answers) {
    const known = counts.get(modelVersion.id);
    if (known) known.count += 1;
    else counts.set(modelVersion.id, { version: modelVersion, count: 1 });
  }
  return [...counts.values()]
    .sort((a, b) => b.count - a.count)
    .map(({ version }) => Object.assign(new ServingVersion(), version));
}

export const CampaignPlanResult = createUnionType({
  name: 'CampaignPlanResult',
  description: 'The plan, or why there is none.',
  types: () => [CampaignPlan, InvalidFeatures, ModelNotReady, QuotaExceeded] as const,
});
