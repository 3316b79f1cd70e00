import { type Reached } from './quality-set';

/** What one run of a model reached on its test part. */
export interface RunMetrics {
  readonly rocAuc: number | null;
  readonly logLoss: number | null;
  readonly ece: number | null;
  /** From when a worker took the run to when its model was exported and judged. */
  readonly seconds: number;
}

export interface SetResult {
  readonly dataset: string;
  readonly protocol: string;
  /** Mean over the protocol's runs. */
  readonly rocAuc: number | null;
  readonly logLoss: number | null;
  readonly ece: number | null;
  /** Of all runs of the model, without its baseline. */
  readonly seconds: number;
  /** `logisticRegression` is our own, on the same parts; others are what the data's publisher gives. */
  readonly peers: Readonly<Record<string, Reached | OwnBaseline>>;
}

export interface OwnBaseline {
  readonly rocAuc: number | null;
  readonly logLoss: number | null;
  readonly ece: number | null;
}

export interface QualityResult {
  readonly results: readonly SetResult[];
  /** Why nothing was measured, where nothing was. */
  readonly skipped?: string;
}

/** Means over runs; null where one of them is undefined. */
export function meanMetrics(runs: readonly RunMetrics[]): OwnBaseline {
  const mean = (metric: 'rocAuc' | 'logLoss' | 'ece'): number | null => {
    const values = runs.flatMap((run) => run[metric] ?? []);
    if (values.length < runs.length || values.length === 0) return null;
    return rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
  };
  return { rocAuc: mean('rocAuc'), logLoss: mean('logLoss'), ece: mean('ece') };
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

/** @param runs of the model and of the baseline, on the same parts. */
export function setResult(
  {
    title,
    peers = {},
  }: { readonly title: string; readonly peers?: Readonly<Record<string, Reached>> | undefined },
  protocol: string,
  runs: { readonly model: readonly RunMetrics[]; readonly baseline: readonly RunMetrics[] },
): SetResult {
  const seconds = runs.model.reduce((sum, run) => sum + run.seconds, 0);
  return {
    dataset: title,
    protocol,
    ...meanMetrics(runs.model),
    seconds: Math.round(seconds * 10) / 10,
    peers: { logisticRegression: meanMetrics(runs.baseline), ...peers },
  };
}
