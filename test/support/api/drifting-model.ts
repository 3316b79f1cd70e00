import { type DriftReference } from '../../../src/learning/drift/drift-reference';
import { fitCategories, fitNumbers } from '../../../src/learning/drift/histogram';

/** What the inputs of {@link TABLE_SPEC} were in a training of 1,000 examples: x from 0 to 9.99, half of them red, a fifth yes. */
export const TABLE_REFERENCE: DriftReference = {
  version: 1,
  columns: [
    {
      part: 'FEATURE',
      name: 'x',
      effective: 1_000,
      histogram: fitNumbers(Array.from({ length: 1_000 }, (_, n) => n / 100)),
    },
    {
      part: 'FEATURE',
      name: 'color',
      effective: 1_000,
      histogram: fitCategories(Array.from({ length: 1_000 }, (_, n) => (n % 2 === 0 ? 'red' : 'blue'))),
    },
  ],
  score: {
    part: 'SCORE',
    name: 'probability',
    effective: 1_000,
    histogram: fitNumbers(Float32Array.from({ length: 1_000 }, (_, n) => n / 1_000)),
  },
  label: { examples: 1_000, positives: 200, effective: 1_000 },
};

/** A prediction's example and probability like those of the training, from a number 0 to 199. */
export function likeTraining(n: number) {
  const place = (n * 83) % 200;
  return {
    subjectId: `s${n}`,
    example: {
      record: { features: { x: place / 20, color: n % 2 === 0 ? 'red' : 'blue' } },
      history: { source: 'NONE' as const, count: 0, latestAt: null },
    },
    probability: place / 200,
    logit: 0,
  };
}
