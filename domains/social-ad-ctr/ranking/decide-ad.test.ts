import { NO_EVIDENCE } from '../../../src/learning/decisions/thompson';
import { adPolicySchema } from '../policy/ad-policy-schema';
import { decideAd } from './decide-ad';

const circumstances = {
  ...{
    adId: 'a',
    campaign: null,
    bid: 1,
    placementFactor: 1,
    pacing: null,
    seed: 7,
    position: 0,
    eligible: 1,
  },
  evidence: { ...NO_EVIDENCE, shown: 100, positives: 20 },
};
const decide = (exploration: object, more: object = {}) =>
  decideAd(adPolicySchema.parse({ exploration }), {
    probability: 0.1,
    record: { features: {} },
    circumstances: { ...circumstances, ...more },
  });
const smoothed = (weight: number) => ({
  smoothedCtr: expect.closeTo((0.1 * weight + 20) / (weight + 100), 9) as number,
});

describe('the value of an ad that is decided again', () => {
  it('is with what the answer weighed then, whatever the version says by now', () => {
    expect(decide({}, { priorImpressions: 60 })).toMatchObject(smoothed(60));
    expect(decide({ priorImpressions: 80 }, { priorImpressions: 80 })).toMatchObject(smoothed(80));
    expect(decide({ method: 'NONE' }, { priorImpressions: null })).toMatchObject({
      smoothedCtr: 0.1,
      score: 100,
    });
  });

  it('is what it was where that was not kept yet', () => {
    expect(decide({})).toMatchObject(smoothed(300));
    expect(decide({ priorImpressions: 80 })).toMatchObject(smoothed(80));
    expect(decide({ method: 'NONE' })).toMatchObject({ smoothedCtr: 0.1, score: 100 });
  });
});
