import fc from 'fast-check';
import { seededRandom } from '../training/random';
import { meanOf, NO_EVIDENCE, posteriorOf, sampleBeta, sampleRate } from './thompson';

const shape = fc.double({ min: 0.02, max: 2000, noNaN: true });
const probability = fc.double({ min: 0.001, max: 0.999, noNaN: true });

describe('draws from a Beta distribution', () => {
  it.each([
    [0.1, 0.3],
    [0.5, 40],
    [1, 1],
    [3, 7],
    [500, 4500],
  ])('have the mean and the variance of Beta(%d, %d)', (alpha, beta) => {
    const random = seededRandom(1);
    const draws = Array.from({ length: 40_000 }, () => sampleBeta({ alpha, beta }, random));
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
    const [wantedMean, sum] = [alpha / (alpha + beta), alpha + beta];
    const wantedVariance = (alpha * beta) / (sum ** 2 * (sum + 1));
    expect(Math.abs(mean - wantedMean)).toBeLessThan(5 * Math.sqrt(wantedVariance / draws.length));
    expect(variance / wantedVariance).toBeGreaterThan(0.95);
    expect(variance / wantedVariance).toBeLessThan(1.05);
  });

  it('are rates, of whatever shapes', () => {
    fc.assert(
      fc.property(shape, shape, fc.integer(), fc.string(), (alpha, beta, seed, item) => {
        const rate = sampleRate({ alpha, beta }, seed, item);
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(1);
        expect(sampleRate({ alpha, beta }, seed, item)).toBe(rate);
      }),
    );
  });

  it('differ by seed and by item', () => {
    const posterior = { alpha: 3, beta: 30 };
    const draws = [
      sampleRate(posterior, 1, 'a'),
      sampleRate(posterior, 2, 'a'),
      sampleRate(posterior, 1, 'b'),
      sampleRate(posterior, 1, 'ab'),
    ];
    expect(new Set(draws).size).toBe(4);
  });
});

describe('posteriorOf', () => {
  it('is what the model says where nothing was seen', () => {
    fc.assert(
      fc.property(probability, (p) => expect(meanOf(posteriorOf(p, 100, NO_EVIDENCE))).toBeCloseTo(p, 10)),
    );
  });

  it('goes to the rate that was seen, the more was seen', () => {
    const seen = (shown: number) => ({ ...NO_EVIDENCE, shown, positives: shown / 10 });
    const means = [0, 100, 1000, 100_000].map((shown) => meanOf(posteriorOf(0.3, 100, seen(shown))));
    expect(means[0]).toBeCloseTo(0.3);
    expect(means[1]).toBeCloseTo(0.2);
    expect(means[3]).toBeCloseTo(0.1, 2);
    expect([...means].sort((a, b) => b - a)).toEqual(means);
  });

  it('of predictions that came true keeps what the model says of this context', () => {
    // Shown to others, who were expected to click at 2 % and did: here 20 % are expected as before.
    const evidence = { shown: 5000, positives: 100, predictedShown: 5000, predicted: 100 };
    expect(meanOf(posteriorOf(0.2, 100, evidence))).toBeCloseTo(0.2, 10);
    // Half as many as predicted: the model is halved, but for its own weight.
    expect(meanOf(posteriorOf(0.2, 100, { ...evidence, positives: 50 }))).toBeCloseTo(
      (0.2 * (20 + 50)) / (20 + 100),
      10,
    );
  });

  it('can be drawn from for every evidence', () => {
    const count = fc.nat({ max: 1_000_000 });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), count, count, count, (p, a, b, c) => {
        const [predictedShown = 0, positives = 0, shown = 0] = [a, b, c].sort((x, y) => x - y);
        const { alpha, beta } = posteriorOf(p, 50, {
          shown,
          positives,
          predictedShown,
          predicted: predictedShown * p,
        });
        expect(alpha).toBeGreaterThan(0);
        expect(beta).toBeGreaterThan(0);
      }),
    );
  });
});
