import { profitAt, profitCurve } from '../../src/learning/decisions/profit-curve';
import { type Estimate, shareEstimate } from '../../src/learning/evaluation/ratio-interval';
import { type PastExamples } from '../../src/services/policies/past-examples';
import { type ShopPolicy } from './policy-schema';

/** Whom a policy would have approached, and what would have come of it. */
export interface ShopPolicyFigures {
  readonly summary: string;
  readonly threshold: number;
  /** Of all visits. */
  readonly approached: Estimate;
  /** Of the visits whose customer was approached, those that ended in a purchase. */
  readonly purchaseRate: Estimate;
  readonly profit: number;
  /** Had everybody been approached. */
  readonly profitOfAll: number;
}

/** The threshold of the policy; without one, that of an audience: the one that earned most on the validation part. */
export function previewShopPolicy({ audience }: ShopPolicy, past: PastExamples): ShopPolicyFigures {
  const { labels_N, probabilities_N, subjects_N, validation } = past;
  const payoff = { cost: audience.contactCost, benefit: audience.purchaseBenefit };
  const threshold =
    audience.threshold ?? profitCurve(validation.labels_N, validation.probabilities_N, payoff).best.threshold;
  const among_N = Uint8Array.from(probabilities_N, (p) => Number(p >= threshold));
  const approached = shareEstimate(among_N, { subjects_N });
  const purchaseRate = shareEstimate(Uint8Array.from(labels_N), { among_N, subjects_N });
  const { profit } = profitAt(labels_N, probabilities_N, payoff, threshold);
  const ofAll = profitAt(labels_N, probabilities_N, payoff, 0);
  return {
    summary: `On ${past.count} past visits this policy would have approached ${percent(approached)} of the customers, of whom ${percent(purchaseRate)} bought: a profit of ${profit.toFixed(2)}, and ${ofAll.profit.toFixed(2)} had everybody been approached.`,
    threshold,
    approached,
    purchaseRate,
    profit,
    profitOfAll: ofAll.profit,
  };
}

function percent({ estimate }: Estimate): string {
  return estimate === null ? 'none' : `${(100 * estimate).toFixed(1)} %`;
}
