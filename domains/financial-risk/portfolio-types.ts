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
import { connectionOf } from '../../src/graphql/connections/connection';
import { enumOf } from '../../src/graphql/enum-of';
import { about } from '../../src/graphql/limits/cost';
import { ModelVersion } from '../../src/graphql/models/model-version';
import { Estimate } from '../../src/graphql/policies/estimate';
import { Conflict, InvalidInput, ModelNotReady } from '../../src/graphql/results/shared-errors';
import { RiskBand } from './policy-types';
import { type Scale } from './scorecard';
import { type BandTotals, type PortfolioTotals, type ScenarioTotals, type StressScenario } from './portfolio';

export const PortfolioBasis = enumOf(['HELD_OUT', 'SCORING']);
registerEnumType(PortfolioBasis, {
  name: 'PortfolioBasis',
  description: 'Which accounts a portfolio is of.',
  valuesConfig: {
    HELD_OUT: {
      description: 'The held-out test part of the version that serves: each example is an account.',
    },
    SCORING: { description: 'The scores of a batch scoring that has succeeded.' },
  },
});

@InputType('StressScenarioInput', { description: 'How times might be worse.' })
export class StressScenarioInput {
  @Field(() => String, { description: 'What to call it, 1 to 80 characters.' })
  readonly name!: string;

  @Field(() => Float, {
    nullable: true,
    description: "Multiplies every account's odds of a default, 0.01 to 100; 1 where left out.",
  })
  readonly oddsMultiplier?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Multiplies what a default loses, 0 to 10, up to everything; 1 where left out.',
  })
  readonly lossGivenDefaultMultiplier?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      "At least this share of the most credit of each account's band is drawn, 0 to 1; left out, what is owed stays as it is.",
  })
  readonly limitUtilization?: number | null;
}

@InputType('CreditPortfolioInput', { description: 'Which accounts, by which policy, under which stress.' })
export class CreditPortfolioInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'A batch scoring of this domain that has succeeded. Left out: the held-out test part of the version that serves.',
  })
  readonly scoringId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The version of the policy; the one in force where left out.',
  })
  readonly policyVersion?: number | null;

  @Field(() => [StressScenarioInput], {
    nullable: true,
    description:
      'At most 10. Left out: a downturn (odds × 1.5, LGD × 1.1) and a severe one (odds × 2.5, LGD × 1.25, limits drawn to 90 %).',
  })
  readonly scenarios?: StressScenarioInput[] | null;
}

@ObjectType('PortfolioAccount', { simpleResolvers: true, description: 'A scored account.' })
export class PortfolioAccount {
  @Field(() => ID, {
    nullable: true,
    description: 'The account, as its events name it; null where the data names none.',
  })
  readonly subjectId!: string | null;

  @Field(() => ID, { description: 'What the scoring calls the example.' })
  readonly exampleId!: string;

  @Field(() => Float, { description: 'Its probability of default, 0 to 1.' })
  readonly probabilityOfDefault!: number;

  @Field(() => Float, { description: "Its score on the policy's scale." })
  readonly score!: number;
}

export const PortfolioAccountConnection = connectionOf(
  PortfolioAccount,
  'PortfolioAccount',
  'scored accounts',
);

const SUMS = {
  accounts: 'How many accounts.',
  exposure: "What they would owe at a default, in the account's currency.",
  expectedLoss: 'Σ PD × LGD × EAD.',
  meanProbability: 'Their mean probability of default; null of none.',
  share: 'Their share of all accounts, 0 to 1.',
};

@ObjectType('PortfolioBand', { description: "The accounts in a policy's band." })
export class PortfolioBand implements BandTotals {
  @Field(() => RiskBand, { description: 'The band.' }) readonly band!: RiskBand;
  @Field(() => Int, { description: SUMS.accounts }) readonly accounts!: number;
  @Field(() => Float, { description: SUMS.share }) readonly share!: number;
  @Field(() => Float, { description: SUMS.exposure }) readonly exposure!: number;
  @Field(() => Float, { description: SUMS.expectedLoss }) readonly expectedLoss!: number;
  @Field(() => Float, { nullable: true, description: SUMS.meanProbability })
  readonly meanProbability!: number | null;

  @Field(() => Estimate, {
    nullable: true,
    description: 'The share that did default; null for a batch scoring, whose outcomes are not known.',
  })
  readonly defaultRate!: Estimate | null;

  /** For its accounts. */
  readonly scoringId!: string | null;
  readonly scale!: Scale;
}

@ObjectType('StressedBand', {
  simpleResolvers: true,
  description: 'The accounts that are in a band under stress: where they have moved to.',
})
export class StressedBand implements BandTotals {
  @Field(() => RiskBand, { description: 'The band.' }) readonly band!: RiskBand;
  @Field(() => Int, { description: SUMS.accounts }) readonly accounts!: number;
  @Field(() => Float, { description: SUMS.share }) readonly share!: number;
  @Field(() => Float, { description: SUMS.exposure }) readonly exposure!: number;
  @Field(() => Float, { description: SUMS.expectedLoss }) readonly expectedLoss!: number;
  @Field(() => Float, { nullable: true, description: SUMS.meanProbability })
  readonly meanProbability!: number | null;
}

@ObjectType('StressScenario', { simpleResolvers: true, description: 'A portfolio in worse times.' })
export class StressScenarioResult implements ScenarioTotals, StressScenario {
  @Field(() => String, { description: 'What it is called.' }) readonly name!: string;
  @Field(() => Float, { description: 'What the odds of a default are multiplied by.' })
  readonly oddsMultiplier!: number;
  @Field(() => Float, { description: 'What LGD is multiplied by.' })
  readonly lossGivenDefaultMultiplier!: number;
  @Field(() => Float, {
    nullable: true,
    description: 'The share of limits that is drawn at least; null: as it is.',
  })
  readonly limitUtilization!: number | null;
  @Field(() => Float, { description: 'LGD in the scenario, 1 at most.' }) readonly lossGivenDefault!: number;
  @Field(() => Int, { description: SUMS.accounts }) readonly accounts!: number;
  @Field(() => Float, { description: SUMS.exposure }) readonly exposure!: number;
  @Field(() => Float, { description: SUMS.expectedLoss }) readonly expectedLoss!: number;
  @Field(() => Float, { nullable: true, description: SUMS.meanProbability })
  readonly meanProbability!: number | null;
  @Field(() => Float, {
    nullable: true,
    description: 'The expected loss over that without the scenario; null where that is 0.',
  })
  readonly lossRatio!: number | null;
  @Field(() => [StressedBand], { description: 'By the band of the shifted probability.' })
  readonly bands!: StressedBand[];
}

@ObjectType('CreditPortfolio', {
  description:
    'Scored accounts as a whole: bands, expected loss, and what worse times would do. Where the exposure of an account is not known, it is the standard exposure of the policy.',
})
export class CreditPortfolio implements PortfolioTotals {
  @Field(() => PortfolioBasis, { description: 'Which accounts it is of.' }) readonly basis!: string;
  @Field(() => ModelVersion, { description: 'The version whose scores they are.' })
  readonly modelVersion!: ModelVersion;
  @Field(() => Int, { description: "The version of the policy; 0 is the domain's default." })
  readonly policyVersion!: number;
  @Field(() => Int, { description: SUMS.accounts }) readonly accounts!: number;
  @Field(() => Float, { description: SUMS.exposure }) readonly exposure!: number;
  @Field(() => Float, { description: SUMS.expectedLoss }) readonly expectedLoss!: number;
  @Field(() => Float, { nullable: true, description: SUMS.meanProbability })
  readonly meanProbability!: number | null;
  @Field(() => Float, { description: 'LGD by the policy.' }) readonly lossGivenDefault!: number;

  @Field(() => String, {
    nullable: true,
    description:
      "The feature that exposures are read from; null where each counts with the policy's standard exposure: histories of held-out examples are not kept, and scores have no features.",
  })
  readonly exposureFeature!: string | null;

  @Field(() => [PortfolioBand], {
    complexity: about(10),
    description: 'By band, from the lowest risk to the highest.',
  })
  readonly bands!: PortfolioBand[];

  @Field(() => [StressScenarioResult], { description: 'The scenarios, in the order of the input.' })
  readonly scenarios!: StressScenarioResult[];
}

export const CreditPortfolioResult = createUnionType({
  name: 'CreditPortfolioResult',
  description:
    'The portfolio, or why there is none: `Conflict` when the scoring has not succeeded or there are no held-out examples.',
  types: () => [CreditPortfolio, InvalidInput, ModelNotReady, Conflict] as const,
});
