import { createUnionType, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { enumOf } from '../../src/graphql/enum-of';
import { QuotaExceeded } from '../../src/graphql/quotas/quota-exceeded';
import { InvalidFeatures, ModelNotReady } from '../../src/graphql/results/shared-errors';
import { type ActivePolicy } from '../../src/services/policies/policy-definition';
import { type CreditTerms, EXPOSURE_SOURCES, type ExposureSource as Source } from './credit-decision';
import { CreditRisk } from './credit-risk';
import { type RiskPolicy } from './policy-schema';
import { CreditDecision, RiskBand } from './policy-types';
import { type ReasonCode } from './reason-codes';

export const ExposureSource = enumOf(EXPOSURE_SOURCES);
registerEnumType(ExposureSource, {
  name: 'ExposureSource',
  description: 'Where it is known from what would be owed at a default.',
  valuesConfig: {
    GIVEN: { description: 'The request said it.' },
    FEATURE: { description: "The policy's exposure feature." },
    STATEMENT: {
      description:
        'The latest statement of the history: its balance, and of the credit that is left the share that is drawn before a default.',
    },
    STANDARD: { description: "The policy's standard exposure: nothing else is known." },
  },
});

@ObjectType('AdverseActionReason', {
  simpleResolvers: true,
  description: 'One reason why the risk is not lower.',
})
export class AdverseActionReason implements ReasonCode {
  @Field(() => String, {
    description: "The policy's code for the feature; the feature's name where the policy has none.",
  })
  readonly code!: string;

  @Field(() => String, { description: "The policy's text for applicants." })
  readonly text!: string;

  @Field(() => String, {
    description:
      'The feature, or the field of the history, whose events count together; `historyLength` is how many events there are.',
  })
  readonly feature!: string;

  @Field(() => Float, {
    description: 'What it adds to the log-odds of a default, compared with the average applicant; above 0.',
  })
  readonly contribution!: number;

  @Field(() => Float, { description: 'Its share of all that speaks for a default, 0 to 1.' })
  readonly share!: number;
}

@ObjectType('CreditReport', {
  description: "What the model says about an applicant, and what your tenant's policy decides.",
})
export class CreditReport {
  @Field(() => ID, {
    nullable: true,
    complexity: 1,
    description:
      'Its id, under which the prediction and this decision, with the version of the policy, can be found (`prediction { decided }`) and made again (`replayPrediction`) later. Who asks for it, or for the id of `risk`, which is the same, has both recorded before they are answered; null, with an error, when that could not be.',
  })
  get id(): Promise<string | null> {
    return this.risk.id;
  }

  @Field(() => CreditRisk, {
    description: 'The prediction that the report stands on, with its model version and history.',
  })
  readonly risk!: CreditRisk;

  @Field(() => Float, { description: 'The probability of default (PD), calibrated, 0 to 1.' })
  readonly probabilityOfDefault!: number;

  @Field(() => Float, {
    description: "The score on the policy's points-to-double-odds scale: the higher, the safer. Not rounded.",
  })
  readonly score!: number;

  @Field(() => RiskBand, { description: 'The band that the probability is in.' })
  readonly band!: RiskBand;

  @Field(() => CreditDecision, { description: 'What the policy decides.' })
  readonly decision!: string;

  @Field(() => Float, {
    nullable: true,
    description:
      "The most credit, in the account's currency: the lower of the band's maximum and its share of the yearly income; 0 when declined. Null when the band sets no limit, or sets it by an income that is not known.",
  })
  readonly creditLimit!: number | null;

  @Field(() => Float, { description: 'The share of what is owed that a default loses (LGD), by the policy.' })
  readonly lossGivenDefault!: number;

  @Field(() => Float, {
    description: "What would be owed at a default (EAD), in the account's currency.",
  })
  readonly exposureAtDefault!: number;

  @Field(() => ExposureSource, { description: 'Where the exposure is known from.' })
  readonly exposureSource!: Source;

  @Field(() => Float, { description: 'PD × LGD × EAD.' })
  readonly expectedLoss!: number;

  @Field(() => Int, { description: "The version of the policy; 0 is the domain's default." })
  readonly policyVersion!: number;

  /** For the reasons, which are computed when asked for. */
  readonly policy!: RiskPolicy;

  static from(
    risk: CreditRisk,
    terms: CreditTerms,
    { policy, version }: ActivePolicy<RiskPolicy>,
  ): CreditReport {
    return Object.assign(new CreditReport(), {
      risk,
      probabilityOfDefault: risk.probability,
      score: terms.score,
      band: terms.band,
      decision: terms.decision,
      creditLimit: terms.creditLimit,
      lossGivenDefault: policy.lossGivenDefault,
      exposureAtDefault: terms.exposure.amount,
      exposureSource: terms.exposure.source,
      expectedLoss: terms.expectedLoss,
      policyVersion: version,
      policy,
    });
  }
}

export const CreditReportResult = createUnionType({
  name: 'CreditReportResult',
  description: 'The report, or why there is none.',
  types: () => [CreditReport, InvalidFeatures, ModelNotReady, QuotaExceeded] as const,
});
