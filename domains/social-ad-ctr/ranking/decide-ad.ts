import { withOddsFactor } from '../../../src/learning/evaluation/segment-calibration';
import { type RateEvidence } from '../../../src/learning/decisions/thompson';
import { type DecisionQuestion } from '../../../src/services/policies/policy-definition';
import { type AdPolicy } from '../policy/ad-policy-schema';
import { valued } from './rank';

/** What the value of a ranked ad depends on beside the prediction and the policy. */
export interface AdCircumstances {
  readonly adId: string;
  readonly campaign: string | null;
  readonly bid: number;
  readonly placementFactor: number;
  /** Null where the ad is not held back. */
  readonly pacing: number | null;
  /** Of stored impressions. */
  readonly evidence: RateEvidence;
  /** Null where nothing is explored; not kept with predictions from before it could be another than the policy's. */
  readonly priorImpressions?: number | null;
  readonly seed: number;
  /** Among the ads that might be shown, from 0: this depends on the others. */
  readonly position: number;
  readonly eligible: number;
}

/** Where a policy left it out, before model versions had their own. */
const FORMER_PRIOR_IMPRESSIONS = 300;

/** The value of a ranked ad as it is kept with its prediction, its fields named as in a ranking. */
export function decideAd(policy: AdPolicy, { probability, circumstances }: DecisionQuestion): object {
  const { adId, campaign, bid, placementFactor, pacing, evidence, seed } = circumstances as AdCircumstances;
  const { priorImpressions = formerPrior(policy) } = circumstances as AdCircumstances;
  const ctr = withOddsFactor(probability, placementFactor);
  const throttle = pacing === null ? null : { kind: 'PACED' as const, factor: pacing, message: '' };
  const { eCpm, smoothedCtr, score } = valued(
    { index: 0, adId, campaign, bid, ctr, eCpm: 1000 * bid * ctr },
    throttle,
    { priorImpressions, evidence, seed },
  );
  return { adId, ctr, eCpm, smoothedCtr, score, seed };
}

function formerPrior({ exploration }: AdPolicy): number | null {
  if (exploration.method === 'NONE') return null;
  return exploration.priorImpressions ?? FORMER_PRIOR_IMPRESSIONS;
}
