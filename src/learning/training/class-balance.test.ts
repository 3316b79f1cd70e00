import fc from 'fast-check';
import { countClasses, epochExamples, epochSize } from './class-balance';

const oversample = (share: number) => ({ kind: 'oversample' as const, share });
const labels = fc
  .array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 60 })
  .map((l) => Float32Array.from(l));
const share = fc.double({ min: 0.05, max: 0.5, noNaN: true });
const seeds = fc.record({ seed: fc.integer({ min: 0, max: 1e6 }), epoch: fc.integer({ min: 1, max: 50 }) });

const visitsOf = (visited: Int32Array, example: number) =>
  visited.filter((index) => index === example).length;

describe('epochSize', () => {
  it('gives the rarer class its share, and says by how much that raises the odds', () => {
    const positives = epochSize({ negatives: 900, positives: 100 }, oversample(0.4));
    expect(positives).toEqual({
      visits: 1500,
      logitShift: Math.log(6),
      oversampled: { label: 1, visits: 600 },
    });
    const negatives = epochSize({ negatives: 100, positives: 900 }, oversample(0.4));
    expect(negatives).toEqual({
      visits: 1500,
      logitShift: -Math.log(6),
      oversampled: { label: 0, visits: 600 },
    });
  });

  it.each([
    ['nothing is asked for', { negatives: 900, positives: 100 }, { kind: 'none' as const }],
    ['the class has its share', { negatives: 600, positives: 400 }, oversample(0.3)],
    ['the classes are even', { negatives: 500, positives: 500 }, oversample(0.5)],
    ['there is one class', { negatives: 1000, positives: 0 }, oversample(0.5)],
  ])('changes nothing when %s', (_, counts, balance) => {
    expect(epochSize(counts, balance)).toEqual({ visits: 1000, logitShift: 0, oversampled: null });
  });
});

describe('epochExamples', () => {
  it('visits the common class once and the rarer one in turns, as often as was announced', () => {
    fc.assert(
      fc.property(labels, share, seeds, (labels_N, share, at) => {
        const counts = countClasses(labels_N);
        const size = epochSize(counts, oversample(share));
        const visited = epochExamples(labels_N, size, at);
        expect(visited).toHaveLength(size.visits);
        const rarer = counts.positives < counts.negatives ? 1 : 0;
        const rare: number[] = [];
        labels_N.forEach((label, example) => {
          if (label === rarer) rare.push(visitsOf(visited, example));
          else expect(visitsOf(visited, example)).toBe(1);
        });
        if (rare.length > 0) {
          expect(Math.min(...rare)).toBeGreaterThanOrEqual(1);
          expect(Math.max(...rare) - Math.min(...rare)).toBeLessThanOrEqual(1);
        }
        const odds = (positives: number, negatives: number) => Math.log(positives / negatives);
        if (size.oversampled) {
          const positives = visited.filter((example) => labels_N[example] === 1).length;
          expect(odds(positives, visited.length - positives)).toBeCloseTo(
            odds(counts.positives, counts.negatives) + size.logitShift,
            10,
          );
        }
      }),
    );
  });

  it('is a function of seed and epoch', () => {
    const labels_N = Float32Array.from({ length: 300 }, (_, index) => (index % 7 === 0 ? 1 : 0));
    const size = epochSize(countClasses(labels_N), oversample(0.3));
    const visited = epochExamples(labels_N, size, { seed: 3, epoch: 1 });
    expect(epochExamples(labels_N, size, { seed: 3, epoch: 1 })).toEqual(visited);
    const next = epochExamples(labels_N, size, { seed: 3, epoch: 2 });
    expect(next).not.toEqual(visited);
    // Who is visited once more than the others changes too.
    expect(next.slice().sort()).not.toEqual(visited.slice().sort());
  });
});
