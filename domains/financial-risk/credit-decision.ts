import { type ExampleRecord, type FeatureValue } from '../../src/learning/features/raw-from-records';
import { type DecisionQuestion } from '../../src/services/policies/policy-definition';
import { bandOf, type CreditDecision, type RiskBand, type RiskPolicy } from './policy-schema';
import { scoreOf } from './scorecard';

/** Where an exposure comes from, the first that there is. */
export const EXPOSURE_SOURCES = ['GIVEN', 'FEATURE', 'STATEMENT', 'STANDARD'] as const;
export type ExposureSource = (typeof EXPOSURE_SOURCES)[number];

export interface Exposure {
  /** What would be owed at a default, in the account's currency. */
  readonly amount: number;
  readonly source: ExposureSource;
}

export interface CreditTerms {
  readonly score: number;
  readonly band: RiskBand;
  readonly decision: CreditDecision;
  /** Null where nothing limits it, or the band limits by an income that is not known. */
  readonly creditLimit: number | null;
  readonly exposure: Exposure;
  /** PD × LGD × EAD. */
  readonly expectedLoss: number;
}

/** What a decision depends on beside the prediction and the policy. */
export interface CreditCircumstances {
  readonly exposure: Exposure;
}

/** The decision about an applicant as it is kept with the prediction, its fields named as in a report. */
export function decideCredit(
  policy: RiskPolicy,
  { probability, record, circumstances }: DecisionQuestion,
): object {
  const { exposure } = circumstances as CreditCircumstances;
  const { score, band, decision, creditLimit, expectedLoss } = creditTerms(policy, {
    probability,
    record,
    exposure: exposure.amount,
  });
  return {
    ...{ decision, score, band: band.name, creditLimit, lossGivenDefault: policy.lossGivenDefault },
    ...{ exposureAtDefault: exposure.amount, exposureSource: exposure.source, expectedLoss },
  };
}

/** What a policy says about an applicant. */
export function creditTerms(
  policy: RiskPolicy,
  { probability, record, exposure }: { probability: number; record: ExampleRecord; exposure?: number | null },
): CreditTerms {
  const band = bandOf(policy.bands, probability);
  const owed = exposureOf(policy.exposure, record, exposure ?? null);
  return {
    score: scoreOf(probability, policy.score),
    band,
    decision: band.decision,
    creditLimit: creditLimit(band, numberOf(record.features['income'])),
    exposure: owed,
    expectedLoss: probability * policy.lossGivenDefault * owed.amount,
  };
}

export function creditLimit(
  { decision, maximumLimit, incomeShare }: RiskBand,
  income: number | null,
): number | null {
  if (decision === 'DECLINE') return 0;
  if (incomeShare === null) return maximumLimit;
  if (income === null) return null;
  return Math.min(maximumLimit ?? Infinity, incomeShare * Math.max(0, income));
}

/**
 * What is given, else the feature that the policy names, else what the latest statement says: the balance, and of the credit
 * that is left the share that is drawn before a default.
 */
function exposureOf(policy: RiskPolicy['exposure'], record: ExampleRecord, given: number | null): Exposure {
  if (given !== null) return { amount: given, source: 'GIVEN' };
  const known = policy.feature === null ? null : numberOf(record.features[policy.feature]);
  if (known !== null) return { amount: Math.max(0, known), source: 'FEATURE' };
  const balance = latestBalance(record);
  if (!balance) return { amount: policy.standard, source: 'STANDARD' };
  const unused = balance.utilization > 0 ? Math.max(0, balance.owed / balance.utilization - balance.owed) : 0;
  return { amount: balance.owed + policy.conversionFactor * unused, source: 'STATEMENT' };
}

function latestBalance({ history = [] }: ExampleRecord): { owed: number; utilization: number } | null {
  let latest: { at: number; owed: number; utilization: number } | null = null;
  for (const { at, values } of history) {
    const owed = numberOf(values['balance']);
    const moment = at?.getTime() ?? 0;
    if (owed === null || (latest && moment < latest.at)) continue;
    latest = { at: moment, owed: Math.max(0, owed), utilization: numberOf(values['utilization']) ?? 0 };
  }
  return latest;
}

function numberOf(value: FeatureValue): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
