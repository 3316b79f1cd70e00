import { seededRandom } from '../training/random';
import { shareDifference, shareRatio } from './compare-shares';
import { type Estimate, shareEstimate } from './ratio-interval';

const share = (hits: number, of: number): Estimate =>
  shareEstimate(
    Uint8Array.from({ length: of }, (_, n) => Number(n < hits)),
    { subjects_N: null },
  );

describe('two shares', () => {
  it('differ by an interval from theirs', () => {
    // Newcombe 1998, table II, example (a), method 10: 56/70 − 48/80.
    const { estimate, low, high } = shareDifference(share(56, 70), share(48, 80));
    expect([estimate, low, high].map((value) => Number(value!.toFixed(4)))).toEqual([0.2, 0.0524, 0.3339]);
  });

  it('have a ratio whose interval holds 1 just where that of the difference holds 0, nearly', () => {
    const apart = shareRatio(share(30, 100), share(60, 100));
    expect(apart.estimate).toBeCloseTo(0.5, 12);
    expect(apart.low! > 0.3 && apart.high! < 0.75).toBe(true);
    const alike = shareRatio(share(55, 100), share(60, 100));
    expect(alike.low! < 1 && alike.high! > 1).toBe(true);
  });

  it('have none where there is nothing to compare with', () => {
    const nothing = share(0, 0);
    expect(shareRatio(share(1, 2), nothing)).toEqual({ estimate: null, low: null, high: null });
    expect(shareDifference(nothing, share(1, 2)).estimate).toBeNull();
    expect(shareRatio(share(1, 2), share(0, 9)).estimate).toBeNull();
  });

  it('are within their intervals about 95 times of 100', () => {
    const random = seededRandom(9);
    const draw = (p: number, of: number) =>
      share(Array.from({ length: of }, () => random() < p).filter(Boolean).length, of);
    let [ratios, differences] = [0, 0];
    for (let trial = 0; trial < 500; trial++) {
      const [a, b] = [draw(0.4, 120), draw(0.7, 200)];
      const ratio = shareRatio(a, b);
      const difference = shareDifference(a, b);
      if (ratio.low! <= 4 / 7 && 4 / 7 <= ratio.high!) ratios++;
      if (difference.low! <= -0.3 && -0.3 <= difference.high!) differences++;
    }
    for (const held of [ratios, differences]) {
      expect(held / 500).toBeGreaterThan(0.92);
      expect(held / 500).toBeLessThan(0.99);
    }
  });
});
