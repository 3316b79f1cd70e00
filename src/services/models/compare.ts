import { type Evaluation } from '../../learning/evaluation/evaluate';
import { type PairedTest } from '../../learning/evaluation/paired-tests';
import { type PairedExamples } from '../../learning/evaluation/scored-examples';
import { type IdentifiedExamples } from './held-out-examples';
import { type ModelVersion } from './model-version.entity';

/** How the held-out examples of two versions were matched, by id. */
export interface MatchCounts {
  readonly onlyFirst: number;
  /** In the second's test part, but not in the first's, or not in its slice. */
  readonly onlySecond: number;
  /** Of both, but with another label: left out. */
  readonly differentLabels: number;
  /** Ids that a version has more than once, which match nothing for sure: left out. */
  readonly ambiguousIds: number;
}

/** Two versions on the same examples. */
export interface ModelComparison extends MatchCounts {
  readonly first: ModelVersion;
  readonly second: ModelVersion;
  /** Examples that everything else is of. */
  readonly matched: number;
  /** Different subjects among them; null where the data names none. */
  readonly subjects: number | null;
  /** Each at its own recommended threshold. */
  readonly firstEvaluation: Evaluation;
  readonly secondEvaluation: Evaluation;
  readonly rocAuc: PairedTest;
  readonly logLoss: PairedTest;
}

interface Trained {
  readonly version: Pick<ModelVersion, 'featureSpec'>;
  readonly datasetId: string | null;
}

/** Why the same id need not be the same example; null where it is. Numbers of lines mean nothing in another file. */
export function comparableIds(first: Trained, second: Trained): string | null {
  if (first.datasetId !== null && first.datasetId === second.datasetId) return null;
  const isNamed = ({ version: { featureSpec } }: Trained) =>
    featureSpec.idColumn !== undefined || featureSpec.momentDates !== undefined;
  if (isNamed(first) && isNamed(second)) return null;
  return 'The versions were trained on different data sets, whose examples are known by their line only: train both on the same data set, or name an idColumn in the feature specification.';
}

/** Pairs the predictions of the examples that both versions have, in the first one's order; subjects are the first one's. */
export function pairUp(
  first: IdentifiedExamples,
  second: IdentifiedExamples,
): MatchCounts & { readonly pairs: PairedExamples } {
  const places = placesOf(second.ids);
  const own = placesOf(first.ids);
  const counts = { onlyFirst: 0, onlySecond: 0, differentLabels: 0, ambiguousIds: 0 };
  const rows: Array<readonly [number, number]> = [];
  for (const [id, n] of own) {
    const m = places.get(id);
    if (n === TWICE || m === TWICE) counts.ambiguousIds++;
    else if (m === undefined) counts.onlyFirst++;
    else if (first.labels_N[n] !== second.labels_N[m]) counts.differentLabels++;
    else rows.push([n, m]);
  }
  for (const [id, m] of places) {
    if (own.has(id)) continue;
    if (m === TWICE) counts.ambiguousIds++;
    else counts.onlySecond++;
  }
  const { subjects_N } = first;
  return {
    ...counts,
    pairs: {
      labels_N: Float32Array.from(rows, ([n]) => first.labels_N[n] ?? NaN),
      first_N: Float32Array.from(rows, ([n]) => first.probabilities_N[n] ?? NaN),
      second_N: Float32Array.from(rows, ([, m]) => second.probabilities_N[m] ?? NaN),
      subjects_N: subjects_N && Int32Array.from(rows, ([n]) => subjects_N[n] ?? 0),
    },
  };
}

const TWICE = -1;

/** Where each id is; TWICE where it is more than once. */
function placesOf(ids: readonly string[]): Map<string, number> {
  const places = new Map<string, number>();
  ids.forEach((id, n) => places.set(id, places.has(id) ? TWICE : n));
  return places;
}
