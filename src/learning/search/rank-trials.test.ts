import fc from 'fast-check';
import { evaluate } from '../evaluation/evaluate';
import { type Objective, OBJECTIVES, rankTrials } from './rank-trials';
import { spreadOf } from './spread';

const labels = Float32Array.of(1, 0, 1, 0, 1);
const anyTrials = fc
  .array(fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }), {
    maxLength: 12,
  })
  .map((all) =>
    all.map((probabilities, trial) => ({
      trial,
      validation: evaluate(labels, Float32Array.from(probabilities), 0.5),
    })),
  );

describe('rankTrials', () => {
  it('puts every trial into one order, the best by the objective first, whatever their order was', () => {
    const better: Record<Objective, (a: number, b: number) => boolean> = {
      LOG_LOSS: (a, b) => a <= b,
      ROC_AUC: (a, b) => a >= b,
      PR_AUC: (a, b) => a >= b,
    };
    const fields = { LOG_LOSS: 'logLoss', ROC_AUC: 'rocAuc', PR_AUC: 'prAuc' } as const;
    fc.assert(
      fc.property(anyTrials, fc.constantFrom(...OBJECTIVES), (trials, objective) => {
        const ranked = rankTrials(trials, objective);
        expect(rankTrials(trials.toReversed(), objective)).toEqual(ranked);
        expect(ranked.map(({ trial }) => trial).toSorted((a, b) => a - b)).toEqual(
          trials.map(({ trial }) => trial),
        );
        const values = ranked.map(({ validation }) => validation[fields[objective]] ?? NaN);
        values
          .slice(1)
          .forEach((value, index) => expect(better[objective](values[index]!, value)).toBe(true));
      }),
    );
  });

  it('puts those last of which the objective says nothing', () => {
    const known = evaluate(labels, Float32Array.of(0.1, 0.9, 0.1, 0.9, 0.1), 0.5);
    const oneClass = evaluate(Float32Array.of(1, 1), Float32Array.of(0.9, 0.9), 0.5);
    const trials = [
      { trial: 0, validation: oneClass },
      { trial: 1, validation: known },
    ];
    expect(rankTrials(trials, 'ROC_AUC').map(({ trial }) => trial)).toEqual([1, 0]);
  });
});

describe('spreadOf', () => {
  it('says mean and deviation over the folds in which a metric is defined', () => {
    const of = (...probabilities: number[]) => evaluate(labels, Float32Array.from(probabilities), 0.5);
    const folds = [of(0.9, 0.1, 0.9, 0.1, 0.9), of(0.1, 0.9, 0.1, 0.9, 0.1)];
    const auc = spreadOf(folds).find(({ metric }) => metric === 'rocAuc');
    expect(auc).toEqual({
      ...{ metric: 'rocAuc', count: 2, mean: 0.5, min: 0, max: 1 },
      standardDeviation: Math.SQRT1_2,
    });
    const oneClass = evaluate(Float32Array.of(1), Float32Array.of(0.5), 0.5);
    expect(spreadOf([...folds, oneClass]).find(({ metric }) => metric === 'rocAuc')?.count).toBe(2);
    expect(spreadOf([folds[0]!])[0]?.standardDeviation).toBeNull();
    expect(spreadOf([])).toEqual([]);
  });
});
