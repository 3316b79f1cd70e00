import { type Estimate, shareEstimate } from '../../src/learning/evaluation/ratio-interval';
import { type PastExamples } from '../../src/services/policies/past-examples';
import { bandOf, CREDIT_DECISIONS, type CreditDecision, type RiskPolicy } from './policy-schema';

/** Examples that a policy treats alike. */
export interface RiskGroupFigures {
  readonly decision: CreditDecision;
  /** Of all examples. */
  readonly share: Estimate;
  /** Of the group's examples, how many defaulted. */
  readonly defaultRate: Estimate;
  /** What the model expected; null of no examples. */
  readonly meanProbability: number | null;
}

export interface RiskBandFigures extends RiskGroupFigures {
  readonly name: string;
}

/** What a policy would have done. */
export interface RiskPolicyFigures {
  readonly summary: string;
  readonly decisions: readonly RiskGroupFigures[];
  readonly bands: readonly RiskBandFigures[];
  /** Of those approved, in the account's currency. */
  readonly expectedLoss: number;
  readonly observedLoss: number;
  readonly exposure: number;
  /** The feature that says what each owes; null: the policy's standard exposure for all. */
  readonly exposureFeature: string | null;
}

export function previewRiskPolicy(policy: RiskPolicy, past: PastExamples): RiskPolicyFigures {
  const { count, labels_N, probabilities_N } = past;
  const bands_N = Uint8Array.from(probabilities_N, (probability) =>
    policy.bands.indexOf(bandOf(policy.bands, probability)),
  );
  const decision_B = policy.bands.map(({ decision }) => CREDIT_DECISIONS.indexOf(decision));
  const decisions_N = bands_N.map((band) => decision_B[band] ?? 0);
  const decisions = CREDIT_DECISIONS.map((decision, i) => ({
    decision,
    ...groupFigures(past, decisions_N, i),
  }));
  const bands = policy.bands.map(({ name, decision }, i) => ({
    name,
    decision,
    ...groupFigures(past, bands_N, i),
  }));
  const { feature, standard } = policy.exposure;
  const amounts_N = feature === null ? null : past.numbers(feature);
  let [expectedLoss, observedLoss, exposure] = [0, 0, 0];
  for (let n = 0; n < count; n++) {
    if (decisions_N[n] !== 0) continue;
    const known = amounts_N?.[n] ?? NaN;
    const amount = Number.isFinite(known) ? Math.max(0, known) : standard;
    exposure += amount;
    expectedLoss += (probabilities_N[n] ?? 0) * policy.lossGivenDefault * amount;
    observedLoss += (labels_N[n] ?? 0) * policy.lossGivenDefault * amount;
  }
  return {
    summary: summaryOf(count, decisions),
    ...{ decisions, bands, expectedLoss, observedLoss, exposure },
    exposureFeature: amounts_N && feature,
  };
}

function groupFigures(
  { labels_N, probabilities_N, subjects_N }: PastExamples,
  groups_N: Uint8Array,
  group: number,
): Omit<RiskGroupFigures, 'decision'> {
  const among_N = groups_N.map((each) => (each === group ? 1 : 0));
  const share = shareEstimate(among_N, { subjects_N });
  const defaultRate = shareEstimate(Uint8Array.from(labels_N), { among_N, subjects_N });
  let sum = 0;
  for (let n = 0; n < among_N.length; n++) if (among_N[n] === 1) sum += probabilities_N[n] ?? 0;
  return {
    share,
    defaultRate,
    meanProbability: defaultRate.examples === 0 ? null : sum / defaultRate.examples,
  };
}

function summaryOf(count: number, decisions: readonly RiskGroupFigures[]): string {
  const [approved, reviewed, declined] = decisions;
  return [
    `On ${count} past examples this policy would have approved ${percent(approved?.share)} with ${percent(approved?.defaultRate)} default`,
    `sent ${percent(reviewed?.share)} to review`,
    `and declined ${percent(declined?.share)}, of whom ${percent(declined?.defaultRate)} defaulted.`,
  ].join(', ');
}

/** `61.2 % (60.1–62.3)`, the interval in brackets. */
function percent(share: Estimate | undefined): string {
  if (share?.estimate == null) return 'none';
  const [estimate, low, high] = [share.estimate, share.low, share.high].map((value) =>
    ((value ?? NaN) * 100).toFixed(1),
  );
  return `${estimate} % (${low}–${high})`;
}
