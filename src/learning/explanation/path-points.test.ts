import { MAX_REFINEMENTS, MIDDLE, refiningOffsets } from './path-points';

describe('points of a path', () => {
  it('refined, are those of the midpoint rule with three times the steps, each once', () => {
    const offsets = [MIDDLE];
    for (let refinement = 1; refinement <= MAX_REFINEMENTS; refinement++) {
      offsets.push(...refiningOffsets(refinement));
      const parts = 3 ** refinement;
      const sorted = [...offsets].sort((a, b) => a - b);
      expect(sorted).toHaveLength(parts);
      sorted.forEach((offset, part) => expect(offset).toBeCloseTo((part + 0.5) / parts, 12));
    }
  });
});
