import fc from 'fast-check';
import { rungsOf } from './successive-halving';

describe('rungsOf', () => {
  it('keeps the best 1/eta for eta times as long, at least one of them, to the full length', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 256 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 2, max: 10 }),
        fc.integer({ min: 1, max: 300 }),
        (trials, minEpochs, eta, more) => {
          const maxEpochs = minEpochs + more;
          const rungs = rungsOf(trials, { minEpochs, eta, maxEpochs });
          expect(rungs[0]).toEqual({ trials, epochs: minEpochs });
          expect(rungs.at(-1)?.epochs).toBe(maxEpochs);
          rungs.slice(1).forEach((rung, index) => {
            const before = rungs[index]!;
            expect(rung.trials).toBe(Math.max(1, Math.floor(before.trials / eta)));
            expect(rung.epochs).toBe(Math.min(maxEpochs, before.epochs * eta));
          });
          expect(rungs.filter(({ epochs }) => epochs === maxEpochs)).toHaveLength(1);
        },
      ),
    );
    expect(rungsOf(27, { minEpochs: 1, eta: 3, maxEpochs: 9 })).toEqual([
      { trials: 27, epochs: 1 },
      { trials: 9, epochs: 3 },
      { trials: 3, epochs: 9 },
    ]);
  });
});
