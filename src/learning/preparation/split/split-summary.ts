import { type FeatureSpec } from '../../features/feature-spec';
import { splitKind, type SplitKind } from '../../features/split-spec';
import { type ExampleTraits } from '../store/example-store';
import { type Split } from './split-examples';

/** What is in one part. Plain JSON. */
export interface PartSummary {
  readonly examples: number;
  readonly positives: number;
  /** ISO 8601 moments of the first and the last example; null without moments. */
  readonly from: string | null;
  readonly to: string | null;
  /** Different subjects or entities; null where none is known. */
  readonly entities: number | null;
}

/** How the examples were divided. Plain JSON. */
export interface SplitSummary {
  readonly by: SplitKind;
  readonly seed: number;
  readonly folds: number | null;
  readonly fold: number | null;
  readonly train: PartSummary;
  readonly validation: PartSummary;
  readonly test: PartSummary;
  readonly embargoed: number;
  readonly unassigned: number;
}

export function summarizeSplit(examples: ExampleTraits, split: Split, spec: FeatureSpec): SplitSummary {
  return {
    by: splitKind(spec),
    seed: split.seed,
    folds: spec.split?.folds ?? null,
    fold: spec.split?.fold ?? null,
    train: summarize(examples, split.train),
    validation: summarize(examples, split.validation),
    test: summarize(examples, split.test),
    embargoed: split.embargoed,
    unassigned: split.unassigned,
  };
}

function summarize({ labels, at, entities }: ExampleTraits, rows: Int32Array): PartSummary {
  let [positives, from, to] = [0, Infinity, -Infinity];
  for (const row of rows) {
    positives += labels[row] ?? 0;
    from = Math.min(from, at?.[row] ?? Infinity);
    to = Math.max(to, at?.[row] ?? -Infinity);
  }
  const isTimed = at !== null && rows.length > 0;
  return {
    examples: rows.length,
    positives,
    from: isTimed ? new Date(from).toISOString() : null,
    to: isTimed ? new Date(to).toISOString() : null,
    entities: entities ? countDistinct(rows.map((row) => entities[row] ?? 0)) : null,
  };
}

function countDistinct(values: Int32Array): number {
  values.sort();
  let count = 0;
  for (let at = 0; at < values.length; at++) if (values[at] !== values[at - 1]) count += 1;
  return count;
}
