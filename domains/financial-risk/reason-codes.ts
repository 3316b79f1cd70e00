import { type RiskPolicy } from './policy-schema';

/** What one feature, or one field of one event, adds to the logit of a default. */
export interface Attribution {
  readonly feature: string;
  readonly contribution: number;
}

/** Why the risk is not lower. */
export interface ReasonCode {
  readonly code: string;
  readonly text: string;
  readonly feature: string;
  /** Log-odds of a default that the feature adds, with all its events. */
  readonly contribution: number;
  /** Of all that speaks for a default, 0 to 1. */
  readonly share: number;
}

/** The feature that stands for how many events there are. */
export const HISTORY_LENGTH = 'historyLength';

/** The strongest contributions toward a default, by feature: the events of a field count together, and may cancel out. */
export function reasonCodes(
  attributions: readonly Attribution[],
  { most, texts }: RiskPolicy['reasons'],
): ReasonCode[] {
  const sums = new Map<string, number>();
  for (const { feature, contribution } of attributions)
    sums.set(feature, (sums.get(feature) ?? 0) + contribution);
  const adverse = [...sums].filter(([, contribution]) => contribution > 0);
  const total = adverse.reduce((sum, [, contribution]) => sum + contribution, 0);
  return adverse
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([feature, contribution]) => {
      const named = texts.find((entry) => entry.feature === feature);
      return {
        code: named?.code ?? feature,
        text: named?.text ?? `What is known of ${feature}.`,
        feature,
        contribution,
        share: contribution / total,
      };
    });
}
