import { type Evaluation } from '../evaluation/evaluate';

export const OBJECTIVES = ['LOG_LOSS', 'ROC_AUC', 'PR_AUC'] as const;
/** What a search looks for, on the validation part: the lowest log loss, or the largest area. */
export type Objective = (typeof OBJECTIVES)[number];

const VALUES: Readonly<Record<Objective, (evaluation: Evaluation) => number | null>> = {
  LOG_LOSS: ({ logLoss }) => logLoss,
  ROC_AUC: ({ rocAuc }) => rocAuc && -rocAuc,
  PR_AUC: ({ prAuc }) => prAuc && -prAuc,
};

/** Trials from the best to the worst; those that are equal, or of which nothing can be said, by their number. */
export function rankTrials<T extends { readonly trial: number; readonly validation: Evaluation }>(
  trials: readonly T[],
  objective: Objective,
): T[] {
  const cost = ({ validation }: T): number => VALUES[objective](validation) ?? Infinity;
  return trials.toSorted((a, b) => {
    const [first, second] = [cost(a), cost(b)];
    return first === second ? a.trial - b.trial : first < second ? -1 : 1;
  });
}
