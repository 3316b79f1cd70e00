import { type Evaluation } from '../evaluation/evaluate';

export const SPREAD_METRICS = [
  'rocAuc',
  'prAuc',
  'logLoss',
  'brier',
  'ece',
  'accuracy',
  'precision',
  'recall',
  'f1',
] as const satisfies readonly (keyof Evaluation)[];
export type SpreadMetric = (typeof SPREAD_METRICS)[number];

/** How a metric differs from fold to fold. */
export interface Spread {
  readonly metric: SpreadMetric;
  /** Folds in which it is defined. */
  readonly count: number;
  readonly mean: number;
  /** Of a sample, over n − 1; null of fewer than two. */
  readonly standardDeviation: number | null;
  readonly min: number;
  readonly max: number;
}

/** Each metric over some evaluations; without those that are defined nowhere. */
export function spreadOf(evaluations: readonly Evaluation[]): Spread[] {
  return SPREAD_METRICS.flatMap((metric) => {
    const values = evaluations.flatMap((evaluation) => evaluation[metric] ?? []);
    const count = values.length;
    if (count === 0) return [];
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return [
      {
        ...{ metric, count, mean, min: Math.min(...values), max: Math.max(...values) },
        standardDeviation: count < 2 ? null : Math.sqrt(squares / (count - 1)),
      },
    ];
  });
}
