import { type ScoredExamples } from '../../learning/evaluation/scored-examples';
import { FIELDS, readHeldOut } from '../models/held-out-records';

/** Examples of a model version's test part: what it said of them, and what happened. */
export interface PastExamples extends ScoredExamples {
  readonly count: number;
  /** The validation part, which is earlier: what a policy leaves to be chosen is chosen on it. */
  readonly validation: Pick<ScoredExamples, 'labels_N' | 'probabilities_N'>;
  /** A feature's values as numbers, NaN where missing: [N]; null where the feature was not kept. */
  numbers(feature: string): Float64Array | null;
  /** A feature's values as texts, '' where missing: [N]; null where the feature was not kept. */
  texts(feature: string): readonly string[] | null;
}

/**
 * @param path a file of held-out predictions
 * @param features those that are kept in memory, of those that the file has
 */
export async function readPastExamples(path: string, features: readonly string[]): Promise<PastExamples> {
  const validation = { labels: [] as number[], probabilities: [] as number[] };
  const labels: number[] = [];
  const probabilities: number[] = [];
  const subjects: number[] = [];
  const values = new Map<string, string[]>();
  await readHeldOut(path, (header) => {
    const columns = features.flatMap((name) => {
      const place = header.features.indexOf(name);
      if (place < 0) return [];
      const column: string[] = [];
      values.set(name, column);
      return [{ place: FIELDS.firstFeature + place, column }];
    });
    return (fields) => {
      if (fields[FIELDS.part] === 'validation') {
        validation.labels.push(Number(fields[FIELDS.label]));
        validation.probabilities.push(Number(fields[FIELDS.probability]));
      }
      if (fields[FIELDS.part] !== 'test') return;
      labels.push(Number(fields[FIELDS.label]));
      probabilities.push(Number(fields[FIELDS.probability]));
      const subject = fields[FIELDS.subject] ?? '';
      if (subject !== '') subjects.push(Number(subject));
      for (const { place, column } of columns) column.push(fields[place] ?? '');
    };
  });
  return pastExamples(
    {
      labels_N: Float32Array.from(labels),
      probabilities_N: Float32Array.from(probabilities),
      // Known of all or of none.
      subjects_N: subjects.length === labels.length && labels.length > 0 ? Int32Array.from(subjects) : null,
    },
    values,
    {
      labels_N: Float32Array.from(validation.labels),
      probabilities_N: Float32Array.from(validation.probabilities),
    },
  );
}

const NONE = { labels_N: new Float32Array(), probabilities_N: new Float32Array() };

/** @param values by feature, '' where missing: [N] each */
export function pastExamples(
  scored: ScoredExamples,
  values: ReadonlyMap<string, readonly string[]>,
  validation: PastExamples['validation'] = NONE,
): PastExamples {
  return {
    ...scored,
    validation,
    count: scored.labels_N.length,
    numbers: (feature) => {
      const column = values.get(feature);
      return column ? Float64Array.from(column, (text) => (text === '' ? NaN : Number(text))) : null;
    },
    texts: (feature) => values.get(feature) ?? null,
  };
}
