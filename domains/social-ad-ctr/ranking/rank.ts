import { type Issue } from '../../../src/errors';
import { paceOf, type Spend } from '../../../src/learning/decisions/pacing';
import {
  meanOf,
  NO_EVIDENCE,
  posteriorOf,
  type RateEvidence,
  sampleRate,
} from '../../../src/learning/decisions/thompson';
import { type AdPolicy, type FrequencyCap } from '../policy/ad-policy-schema';

export const ADJUSTMENTS = ['PACED', 'EXPLORED'] as const;
export const DROP_REASONS = [
  'INVALID',
  'DUPLICATE',
  'OUTSIDE_FLIGHT',
  'BUDGET_SPENT',
  'FREQUENCY_CAP',
  'BELOW_FLOOR',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** An ad that might be shown. */
export interface Candidate {
  /** Where it stands in the list. */
  readonly index: number;
  readonly adId: string;
  readonly campaign: string | null;
  /** For a click; 0 or more. */
  readonly bid: number;
}

/** What the model says of a candidate: its calibrated CTR, or what is wrong with it. */
export type Scored = Candidate & ({ readonly ctr: number } | { readonly issues: readonly Issue[] });

export interface Adjustment {
  readonly kind: (typeof ADJUSTMENTS)[number];
  readonly factor: number;
  readonly message: string;
}

export interface Ranked extends Candidate {
  readonly ctr: number;
  readonly eCpm: number;
  /** eCPM times the factors of the adjustments: what it is ranked by. */
  readonly score: number;
  readonly smoothedCtr: number;
  /** Stored impressions that the smoothed rate is of. */
  readonly impressions: number;
  readonly adjustments: readonly Adjustment[];
}

export interface Dropped extends Candidate {
  readonly ctr: number | null;
  readonly eCpm: number | null;
  readonly reason: DropReason;
  readonly message: string;
  readonly issues: readonly Issue[];
}

export interface Ranking {
  /** Best first. */
  readonly ranked: readonly Ranked[];
  /** In the order given. */
  readonly dropped: readonly Dropped[];
}

/** What a ranking is made from, beside the candidates. */
export interface Circumstances {
  readonly at: Date;
  readonly policy: AdPolicy;
  readonly spend: ReadonlyMap<string, Spend>;
  /** How often the member was shown the ad, or the campaign's ads, within the cap's hours. */
  readonly exposuresOf: (cap: FrequencyCap, id: string) => number;
  readonly rates: ReadonlyMap<string, RateEvidence>;
  /** What the model's answer weighs, in impressions; null where nothing is explored. */
  readonly priorImpressions: number | null;
  readonly seed: number;
}

/**
 * Ranks ads by expected value, eCPM = 1000 · bid · CTR, after what must not be shown is dropped: each candidate is in
 * the answer once. What is equal keeps the order given.
 */
export function rank(candidates: readonly Scored[], circumstances: Circumstances): Ranking {
  const dropped: Dropped[] = [];
  const ranked: Ranked[] = [];
  const best = bestOfEach(candidates);
  for (const candidate of candidates) {
    const { index, adId, campaign, bid } = candidate;
    const own = { index, adId, campaign, bid };
    if ('issues' in candidate) {
      const { issues } = candidate;
      const message = issues[0] ? `${issues[0].path} ${issues[0].message}` : 'is not valid';
      dropped.push({ ...own, ctr: null, eCpm: null, reason: 'INVALID', message, issues });
      continue;
    }
    const { ctr } = candidate;
    const eCpm = 1000 * bid * ctr;
    const verdict =
      best.get(adId) === index
        ? judge({ ...own, eCpm }, circumstances)
        : {
            reason: 'DUPLICATE' as const,
            message: `the ad is also candidate ${best.get(adId)}, which is worth as much or more`,
          };
    if ('reason' in verdict) dropped.push({ ...own, ctr, eCpm, ...verdict, issues: [] });
    else
      ranked.push(
        valued({ ...own, ctr, eCpm }, verdict.throttle, {
          ...circumstances,
          evidence: circumstances.rates.get(adId) ?? NO_EVIDENCE,
        }),
      );
  }
  ranked.sort((first, second) => second.score - first.score || first.index - second.index);
  return { ranked, dropped };
}

/** Of each ad, the candidate that is worth most; the first of equal ones. */
function bestOfEach(candidates: readonly Scored[]): ReadonlyMap<string, number> {
  const best = new Map<string, { index: number; value: number }>();
  for (const candidate of candidates) {
    if ('issues' in candidate) continue;
    const value = candidate.bid * candidate.ctr;
    const known = best.get(candidate.adId);
    if (!known || value > known.value) best.set(candidate.adId, { index: candidate.index, value });
  }
  return new Map([...best].map(([adId, { index }]) => [adId, index]));
}

type Verdict =
  { readonly reason: DropReason; readonly message: string } | { readonly throttle: Adjustment | null };

function judge(ad: Candidate & { readonly eCpm: number }, circumstances: Circumstances): Verdict {
  const { at, policy, spend, exposuresOf } = circumstances;
  const budget = ad.campaign === null ? undefined : spend.get(ad.campaign);
  const pace = budget && paceOf(budget, at, policy.pacing);
  if (budget && pace?.state === 'OUTSIDE_FLIGHT')
    return {
      reason: 'OUTSIDE_FLIGHT',
      message: `the campaign runs from ${budget.startsAt.toISOString()} until ${budget.endsAt.toISOString()}`,
    };
  if (budget && pace?.state === 'SPENT')
    return { reason: 'BUDGET_SPENT', message: `${budget.spent} of ${budget.budget} are spent` };
  for (const cap of policy.frequencyCaps) {
    const id = cap.of === 'AD' ? ad.adId : ad.campaign;
    const seen = id === null ? 0 : exposuresOf(cap, id);
    if (seen >= cap.impressions)
      return {
        reason: 'FREQUENCY_CAP',
        message: `the member was shown this ${cap.of === 'AD' ? 'ad' : 'campaign'} ${seen} times within ${cap.hours} h; the policy allows ${cap.impressions}`,
      };
  }
  if (ad.eCpm < policy.floorEcpm)
    return {
      reason: 'BELOW_FLOOR',
      message: `an eCPM of ${rounded(ad.eCpm)} is below the floor of ${policy.floorEcpm}`,
    };
  if (pace?.state !== 'RUNNING' || pace.throttle === 1) return { throttle: null };
  const { spentShare, elapsedShare, throttle } = pace;
  const percent = (share: number) => `${rounded(100 * share)} %`;
  const message = `${percent(spentShare)} of the budget are spent after ${percent(elapsedShare)} of the flight`;
  return { throttle: { kind: 'PACED', factor: throttle, message } };
}

/** What an ad is ranked by; it depends on no other ad. */
export function valued(
  ad: Candidate & { readonly ctr: number; readonly eCpm: number },
  throttle: Adjustment | null,
  {
    priorImpressions,
    evidence,
    seed,
  }: Pick<Circumstances, 'priorImpressions' | 'seed'> & { readonly evidence: RateEvidence },
): Ranked {
  const adjustments = throttle ? [throttle] : [];
  if (priorImpressions === null)
    return {
      ...ad,
      smoothedCtr: ad.ctr,
      impressions: evidence.shown,
      score: ad.eCpm * (throttle?.factor ?? 1),
      adjustments,
    };
  const posterior = posteriorOf(ad.ctr, priorImpressions, evidence);
  const [smoothedCtr, drawn] = [meanOf(posterior), sampleRate(posterior, seed, ad.adId)];
  const message = `a CTR of ${rounded(drawn)} was drawn; ${evidence.positives} clicks of ${evidence.shown} impressions and the model's answer give ${rounded(smoothedCtr)}`;
  // A model that says never leaves nothing to draw from.
  const factor = ad.ctr > 0 ? drawn / ad.ctr : 1;
  adjustments.push({ kind: 'EXPLORED', factor, message });
  return {
    ...ad,
    smoothedCtr,
    impressions: evidence.shown,
    score: ad.eCpm * factor * (throttle?.factor ?? 1),
    adjustments,
  };
}

const rounded = (value: number): number => Number(value.toPrecision(4));
