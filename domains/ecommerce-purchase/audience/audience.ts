import {
  createUnionType,
  Field,
  Float,
  ID,
  InputType,
  Int,
  ObjectType,
  registerEnumType,
} from 'type-graphql';
import { PageInfo } from '../../../src/graphql/connections/connection';
import { enumOf } from '../../../src/graphql/enum-of';
import { ServingVersion } from '../../../src/graphql/prediction/prediction';
import { Conflict, InvalidInput } from '../../../src/graphql/results/shared-errors';
import { SafeInt } from '../../../src/graphql/scalars';
import { type Payoff, type ProfitPoint as Point } from '../../../src/learning/decisions/profit-curve';
import {
  type AudiencePage,
  type AudienceSource,
  type VersionProfit,
} from '../../../src/services/decisions/audiences.service';

@InputType('AudienceInput', {
  description:
    'Which customers. Give one of `minProbability` and `minExpectedProfit`, or neither: then the threshold of your policy counts, else the one that earned most on the validation part.',
})
export class AudienceInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'The scoring of the stored customers to read, by `scoreSubjects`; the one asked for last that has succeeded when left out.',
  })
  readonly scoringId?: string | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Only customers of at least this probability of a purchase, 0 to 1.',
  })
  readonly minProbability?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Only customers whose approach is expected to earn at least this, in your currency: probability × purchaseBenefit − contactCost of your policy.',
  })
  readonly minExpectedProfit?: number | null;
}

export const ThresholdSource = enumOf(['GIVEN', 'POLICY', 'VALIDATION'] as const);
registerEnumType(ThresholdSource, {
  name: 'ThresholdSource',
  description: 'Where a threshold comes from.',
  valuesConfig: {
    GIVEN: { description: 'From the input.' },
    POLICY: { description: 'From the policy in force.' },
    VALIDATION: {
      description:
        'It earned most on the validation part of the model’s data, at the costs and benefits of the policy.',
    },
  },
});

@ObjectType('AudienceMember', { simpleResolvers: true, description: 'A customer of an audience.' })
export class AudienceMember {
  @Field(() => ID, { description: 'The customer, as the stored events name it.' })
  readonly userId!: string;

  @Field(() => SafeInt, { description: 'The place by falling probability among all scored, from 1.' })
  readonly rank!: number;

  @Field(() => Float, {
    description: 'The probability of a purchase in a visit at the moment of the scoring.',
  })
  readonly probability!: number;

  @Field(() => Float, { description: 'probability × purchaseBenefit − contactCost, in your currency.' })
  readonly expectedProfit!: number;
}

@ObjectType('ProfitPoint', {
  simpleResolvers: true,
  description: 'What approaching everybody from a threshold on would have brought.',
})
export class ProfitPoint implements Point {
  @Field(() => Float, { description: 'The lowest probability that is approached.' })
  readonly threshold!: number;

  @Field(() => Int, { description: 'Examples that reach it.' })
  readonly approached!: number;

  @Field(() => Int, { description: 'Of them, those that ended in a purchase.' })
  readonly positives!: number;

  @Field(() => Float, {
    description: 'purchaseBenefit × positives − contactCost × approached, in your currency.',
  })
  readonly profit!: number;
}

@ObjectType('AudienceProfit', {
  simpleResolvers: true,
  description:
    'What thresholds earn at the costs and benefits of your policy. A purchase counts as brought about by the approach: where customers buy anyway, set the benefit accordingly.',
})
export class AudienceProfit {
  @Field(() => [ProfitPoint], {
    description:
      'The curve on the validation part, from nobody to everybody, at most 201 points, the best among them.',
  })
  readonly curve!: readonly Point[];

  @Field(() => ProfitPoint, { description: 'Its best point: the threshold to choose.' })
  readonly best!: Point;

  @Field(() => ProfitPoint, { description: 'Everybody approached, on the validation part.' })
  readonly everybody!: Point;

  @Field(() => ProfitPoint, {
    description: 'What the chosen threshold brings on the test part, which it was not chosen on.',
  })
  readonly onTest!: Point;

  @Field(() => Int, { description: 'Examples of the validation part.' })
  readonly validationExamples!: number;

  @Field(() => Int, { description: 'Examples of the test part.' })
  readonly testExamples!: number;

  static from({ validation, test, ...counts }: VersionProfit): AudienceProfit {
    const { points: curve, best, everybody } = validation;
    return Object.assign(new AudienceProfit(), { curve, best, everybody, onTest: test, ...counts });
  }
}

@ObjectType('Audience', {
  description: 'Customers above a threshold, most probable first, from stored scores.',
})
export class Audience {
  @Field(() => ID, { description: 'The scoring that it is read from, which never changes.' })
  readonly scoringId!: string;

  @Field(() => Date, { nullable: true, description: 'The moment at which the customers were scored.' })
  readonly asOf!: Date | null;

  @Field(() => ServingVersion, { description: 'The model version that scored them.' })
  readonly modelVersion!: ServingVersion;

  @Field(() => Float, { description: 'Customers of at least this probability are in it.' })
  readonly threshold!: number;

  @Field(() => ThresholdSource, { description: 'Where the threshold comes from.' })
  readonly thresholdSource!: keyof typeof ThresholdSource;

  @Field(() => [AudienceMember], { description: 'The page of customers.' })
  readonly users!: readonly AudienceMember[];

  @Field(() => PageInfo, { description: 'Where the page ends.' })
  readonly pageInfo!: PageInfo;

  @Field(() => String, {
    description:
      'Where the whole audience is as CSV (user_id, rank, probability, expected_profit), a path on this server’s origin: `GET` with the API key.',
  })
  readonly downloadUrl!: string;

  readonly source!: AudienceSource;
  readonly payoff!: Payoff;

  static from(
    source: AudienceSource,
    { items, endCursor, hasNextPage }: AudiencePage,
    chosen: {
      readonly threshold: number;
      readonly thresholdSource: keyof typeof ThresholdSource;
      readonly payoff: Payoff;
    },
  ): Audience {
    const { scoring, version } = source;
    const { cost, benefit } = chosen.payoff;
    const query = `minProbability=${chosen.threshold}&contactCost=${cost}&purchaseBenefit=${benefit}`;
    return Object.assign(new Audience(), {
      ...chosen,
      source,
      scoringId: scoring.id,
      asOf: scoring.asOf,
      modelVersion: Object.assign(new ServingVersion(), {
        id: version.id,
        number: version.number,
        createdAt: version.createdAt,
      }),
      users: items.map(({ exampleId, rank, probability }) => ({
        userId: exampleId,
        rank,
        probability,
        expectedProfit: benefit * probability - cost,
      })),
      pageInfo: { endCursor, hasNextPage },
      downloadUrl: `/downloads/scorings/${scoring.id}/audience.csv?${query}`,
    });
  }
}

@ObjectType('AudienceTotal', { simpleResolvers: true, description: 'An audience as a whole.' })
export class AudienceTotal {
  @Field(() => SafeInt, { description: 'How many customers it has.' })
  readonly count!: number;

  @Field(() => Float, {
    description: 'Purchases to expect if each of them visits: the sum of the probabilities.',
  })
  readonly expectedPurchases!: number;

  @Field(() => Float, {
    description: 'purchaseBenefit × expectedPurchases − contactCost × count, in your currency.',
  })
  readonly expectedProfit!: number;
}

export const AudienceResult = createUnionType({
  name: 'AudienceResult',
  description:
    'The audience, or why there is none. `Conflict`: the stored customers have not been scored (`scoreSubjects` does), or the scoring is another.',
  types: () => [Audience, InvalidInput, Conflict] as const,
});
