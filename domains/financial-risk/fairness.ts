import { type Comparison, shareDifference, shareRatio } from '../../src/learning/evaluation/compare-shares';
import { type Estimate, shareEstimate } from '../../src/learning/evaluation/ratio-interval';
import { type GroupedExamples } from '../../src/services/models/held-out-groups.service';
import { bandOf, type RiskPolicy } from './policy-schema';

/** Figures of fewer examples say more about chance than about decisions, and may say too much about a person. */
export const MIN_GROUP = 30;
/** Below this, US guidelines see evidence of adverse impact (29 CFR 1607.4 D). */
export const FOUR_FIFTHS = 0.8;

export interface GroupFairness {
  readonly group: string;
  readonly examples: number;
  readonly approvalRate: Estimate;
  /** Of all of the group, whatever is decided. */
  readonly defaultRate: Estimate;
  readonly approvedDefaultRate: Estimate;
  /** Of those who did not default, how many are approved. */
  readonly opportunity: Estimate;
  /** Approval rate over that of the reference. */
  readonly adverseImpactRatio: Comparison;
  /** `opportunity` minus that of the reference (Hardt, Price & Srebro 2016). */
  readonly equalOpportunityDifference: Comparison;
  readonly isBelowFourFifths: boolean;
}

export interface Fairness {
  readonly reference: string;
  readonly groups: readonly GroupFairness[];
  /** Groups of fewer examples, and how many examples those are. */
  readonly smallGroups: number;
  readonly smallGroupExamples: number;
  readonly missing: number;
}

/**
 * How a policy treats groups.
 * @param reference the group that others are compared with; the one with the highest approval rate unless given
 * @returns null where no group is large enough, or the reference is not among those that are
 */
export function fairnessOf(
  policy: RiskPolicy,
  examples: GroupedExamples,
  reference?: string | null,
): Fairness | null {
  const { groups_N, labels_N, probabilities_N, subjects_N } = examples;
  const approved_N = Uint8Array.from(probabilities_N, (probability) =>
    Number(bandOf(policy.bands, probability).decision === 'APPROVE'),
  );
  const defaulted_N = Uint8Array.from(labels_N);
  const counts = new Map<string, number>();
  for (const group of groups_N) counts.set(group, (counts.get(group) ?? 0) + 1);
  const named = [...counts]
    .filter(([group]) => group !== '')
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const large = named.filter(([, count]) => count >= MIN_GROUP);
  const rates = large.map(([group, count]) => {
    const among_N = Uint8Array.from(groups_N, (each) => Number(each === group));
    const share = (hits_N: Uint8Array, only_N: (n: number) => boolean) =>
      shareEstimate(hits_N, { among_N: among_N.map((is, n) => Number(is === 1 && only_N(n))), subjects_N });
    return {
      group,
      examples: count,
      approvalRate: share(approved_N, () => true),
      defaultRate: share(defaulted_N, () => true),
      approvedDefaultRate: share(defaulted_N, (n) => approved_N[n] === 1),
      opportunity: share(approved_N, (n) => defaulted_N[n] === 0),
    };
  });
  const against =
    reference == null
      ? rates.reduce<(typeof rates)[number] | undefined>(
          (best, each) =>
            (each.approvalRate.estimate ?? 0) > (best?.approvalRate.estimate ?? -1) ? each : best,
          undefined,
        )
      : rates.find(({ group }) => group === reference);
  if (!against) return null;
  const sum = (pairs: typeof named) => pairs.reduce((total, [, count]) => total + count, 0);
  return {
    reference: against.group,
    groups: rates.map((each) => {
      const adverseImpactRatio = shareRatio(each.approvalRate, against.approvalRate);
      return {
        ...each,
        adverseImpactRatio,
        equalOpportunityDifference: shareDifference(each.opportunity, against.opportunity),
        isBelowFourFifths: (adverseImpactRatio.estimate ?? 1) < FOUR_FIFTHS,
      };
    }),
    smallGroups: named.length - large.length,
    smallGroupExamples: sum(named) - sum(large),
    missing: counts.get('') ?? 0,
  };
}
