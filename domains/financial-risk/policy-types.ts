import { Field, Float, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { enumOf } from '../../src/graphql/enum-of';
import { Estimate } from '../../src/graphql/policies/estimate';
import { policyOperations } from '../../src/graphql/policies/policy-operations';
import { riskPolicy } from './policy';
import {
  type RiskBandFigures,
  type RiskGroupFigures,
  type RiskPolicyFigures as Figures,
} from './policy-preview';
import {
  CREDIT_DECISIONS,
  type CreditDecision as Decision,
  type RiskPolicy as Policy,
} from './policy-schema';

export const CreditDecision = enumOf(CREDIT_DECISIONS);
registerEnumType(CreditDecision, {
  name: 'CreditDecision',
  description: 'What the policy says about credit for an applicant.',
  valuesConfig: {
    APPROVE: { description: 'Credit is given, up to the limit.' },
    REVIEW: { description: 'A person decides; the limit is a proposal.' },
    DECLINE: { description: 'No credit is given; the reason codes say why.' },
  },
});

const TEXTS = {
  name: 'Its name in your tenant, such as A; each band has another.',
  from: 'Probabilities of default from here on are in it; the first starts at 0, each other where the one before ends.',
  below: 'Probabilities below here are in it; the last ends at 1, which is in it.',
  decision: 'What is decided; never milder than in a band of lower risk.',
  maximumLimit:
    "The most credit, in the account's currency; never more than in a band of lower risk. With `incomeShare`, the lower of both counts.",
  incomeShare: 'The most credit as a share of the yearly income; never more than in a band of lower risk.',
  base: 'The score at which the odds are `odds`; 600 by default.',
  odds: 'Payers for each defaulter at the score `base`; 30 by default.',
  pointsToDouble: 'So many points more double the odds; 20 by default.',
  feature: 'The name of a feature of the specification, or of a field of its history.',
  code: 'What letters to applicants name it by: capital letters, digits, hyphens and underscores.',
  text: 'What applicants read, 1 to 300 characters.',
  most: 'How many reasons a report gives at most, 1 to 10; 4 by default.',
  texts:
    'A code and a text for each feature that may be a reason; features without one are given under their own name.',
  exposureFeature:
    'The feature that holds what would be owed at a default; where absent or missing, the last statement says, else `standard`.',
  conversionFactor: 'The share of the unused credit that is drawn before a default, 0 to 1; 0.5 by default.',
  standard: "What would be owed where nothing else is known, in the account's currency; 3,000 by default.",
  lossGivenDefault: 'The share of what is owed that a default loses, 0 to 1; 0.75 by default.',
  bands: 'From the lowest risk to the highest, 1 to 30, without a gap or an overlap.',
  score: 'The scale of the score.',
  exposure: 'What would be owed at a default.',
  reasons: 'How reports explain what was decided.',
};
const described = (key: keyof typeof TEXTS) => ({ description: TEXTS[key] });
const optional = (key: keyof typeof TEXTS) => ({ description: TEXTS[key], nullable: true });

@ObjectType('RiskBand', {
  simpleResolvers: true,
  description: 'Applicants of like risk, and what is decided about them.',
})
export class RiskBand {
  @Field(() => String, described('name')) readonly name!: string;
  @Field(() => Float, described('from')) readonly from!: number;
  @Field(() => Float, described('below')) readonly below!: number;
  @Field(() => CreditDecision, described('decision')) readonly decision!: Decision;
  @Field(() => Float, optional('maximumLimit')) readonly maximumLimit!: number | null;
  @Field(() => Float, optional('incomeShare')) readonly incomeShare!: number | null;
}

@InputType('RiskBandInput', { description: 'Applicants of like risk, and what is decided about them.' })
export class RiskBandInput {
  @Field(() => String, described('name')) readonly name!: string;
  @Field(() => Float, described('from')) readonly from!: number;
  @Field(() => Float, described('below')) readonly below!: number;
  @Field(() => CreditDecision, described('decision')) readonly decision!: Decision;
  @Field(() => Float, optional('maximumLimit')) readonly maximumLimit?: number | null;
  @Field(() => Float, optional('incomeShare')) readonly incomeShare?: number | null;
}

@ObjectType('RiskScoreScale', {
  simpleResolvers: true,
  description: 'A points-to-double-odds scale: the higher, the safer.',
})
export class RiskScoreScale {
  @Field(() => Float, described('base')) readonly base!: number;
  @Field(() => Float, described('odds')) readonly odds!: number;
  @Field(() => Float, described('pointsToDouble')) readonly pointsToDouble!: number;
}

@InputType('RiskScoreScaleInput', { description: 'A points-to-double-odds scale: the higher, the safer.' })
export class RiskScoreScaleInput {
  @Field(() => Float, optional('base')) readonly base?: number | null;
  @Field(() => Float, optional('odds')) readonly odds?: number | null;
  @Field(() => Float, optional('pointsToDouble')) readonly pointsToDouble?: number | null;
}

@ObjectType('RiskExposure', {
  simpleResolvers: true,
  description: 'How it is found what would be owed at a default.',
})
export class RiskExposure {
  @Field(() => String, optional('exposureFeature')) readonly feature!: string | null;
  @Field(() => Float, described('conversionFactor')) readonly conversionFactor!: number;
  @Field(() => Float, described('standard')) readonly standard!: number;
}

@InputType('RiskExposureInput', { description: 'How it is found what would be owed at a default.' })
export class RiskExposureInput {
  @Field(() => String, optional('exposureFeature')) readonly feature?: string | null;
  @Field(() => Float, optional('conversionFactor')) readonly conversionFactor?: number | null;
  @Field(() => Float, optional('standard')) readonly standard?: number | null;
}

@ObjectType('RiskReasonText', { simpleResolvers: true, description: 'How a feature is named as a reason.' })
export class RiskReasonText {
  @Field(() => String, described('feature')) readonly feature!: string;
  @Field(() => String, described('code')) readonly code!: string;
  @Field(() => String, described('text')) readonly text!: string;
}

@InputType('RiskReasonTextInput', { description: 'How a feature is named as a reason.' })
export class RiskReasonTextInput {
  @Field(() => String, described('feature')) readonly feature!: string;
  @Field(() => String, described('code')) readonly code!: string;
  @Field(() => String, described('text')) readonly text!: string;
}

@ObjectType('RiskReasons', { simpleResolvers: true, description: 'How reports explain what was decided.' })
export class RiskReasons {
  @Field(() => Int, described('most')) readonly most!: number;
  @Field(() => [RiskReasonText], described('texts')) readonly texts!: RiskReasonText[];
}

@InputType('RiskReasonsInput', { description: 'How reports explain what was decided.' })
export class RiskReasonsInput {
  @Field(() => Int, optional('most')) readonly most?: number | null;
  @Field(() => [RiskReasonTextInput], optional('texts')) readonly texts?: RiskReasonTextInput[] | null;
}

@ObjectType('RiskPolicy', {
  simpleResolvers: true,
  description: 'How your tenant decides about credit: which risk gets how much, and what a default costs.',
})
export class RiskPolicy implements Policy {
  @Field(() => RiskScoreScale, described('score')) readonly score!: RiskScoreScale;
  @Field(() => [RiskBand], described('bands')) readonly bands!: RiskBand[];
  @Field(() => Float, described('lossGivenDefault')) readonly lossGivenDefault!: number;
  @Field(() => RiskExposure, described('exposure')) readonly exposure!: RiskExposure;
  @Field(() => RiskReasons, described('reasons')) readonly reasons!: RiskReasons;
}

@InputType('RiskPolicyInput', {
  description: 'How to decide about credit. What is left out gets the default that its description names.',
})
export class RiskPolicyInput {
  @Field(() => RiskScoreScaleInput, optional('score')) readonly score?: RiskScoreScaleInput | null;
  @Field(() => [RiskBandInput], described('bands')) readonly bands!: RiskBandInput[];
  @Field(() => Float, optional('lossGivenDefault')) readonly lossGivenDefault?: number | null;
  @Field(() => RiskExposureInput, optional('exposure')) readonly exposure?: RiskExposureInput | null;
  @Field(() => RiskReasonsInput, optional('reasons')) readonly reasons?: RiskReasonsInput | null;
}

const FIGURES = {
  share: 'The share of the examples.',
  defaultRate: 'The share of these that defaulted.',
  meanProbability: 'The mean probability of default that the model gave these; null where there are none.',
};

@ObjectType('RiskDecisionFigures', {
  simpleResolvers: true,
  description: 'Past examples about which a policy would have decided alike.',
})
export class RiskDecisionFigures implements RiskGroupFigures {
  @Field(() => CreditDecision, { description: 'What would have been decided.' })
  readonly decision!: Decision;

  @Field(() => Estimate, { description: FIGURES.share }) readonly share!: Estimate;
  @Field(() => Estimate, { description: FIGURES.defaultRate }) readonly defaultRate!: Estimate;
  @Field(() => Float, { nullable: true, description: FIGURES.meanProbability })
  readonly meanProbability!: number | null;
}

@ObjectType('RiskBandFigures', { simpleResolvers: true, description: "Past examples in a policy's band." })
export class RiskBandPreview extends RiskDecisionFigures implements RiskBandFigures {
  @Field(() => String, { description: "The band's name." })
  readonly name!: string;
}

@ObjectType('RiskPolicyFigures', {
  simpleResolvers: true,
  description: 'What a policy would have done on past examples.',
})
export class RiskPolicyFigures implements Figures {
  @Field(() => String, {
    description:
      'In one sentence for people: what would have been approved, with how much default, reviewed and declined; 95 % intervals in brackets.',
  })
  readonly summary!: string;

  @Field(() => [RiskDecisionFigures], { description: 'By decision: APPROVE, REVIEW, DECLINE.' })
  readonly decisions!: RiskDecisionFigures[];

  @Field(() => [RiskBandPreview], { description: 'By band, in their order.' })
  readonly bands!: RiskBandPreview[];

  @Field(() => Float, {
    description: 'Of the approved: what the model expects to be lost, Σ PD × LGD × exposure.',
  })
  readonly expectedLoss!: number;

  @Field(() => Float, {
    description: 'Of the approved: what was lost, LGD × exposure of those who defaulted.',
  })
  readonly observedLoss!: number;

  @Field(() => Float, { description: 'Of the approved: what they would owe at a default.' })
  readonly exposure!: number;

  @Field(() => String, {
    nullable: true,
    description:
      'The feature that the exposures are read from; null where each counts with the standard exposure, as the history of past examples is not kept.',
  })
  readonly exposureFeature!: string | null;
}

/** Read, list, preview and draft. */
export const riskPolicyOperations = policyOperations({
  definition: riskPolicy,
  name: 'RiskPolicy',
  plural: 'RiskPolicies',
  policy: RiskPolicy,
  input: RiskPolicyInput,
  figures: RiskPolicyFigures,
});
