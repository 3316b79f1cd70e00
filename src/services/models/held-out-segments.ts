import { AppError } from '../../errors';
import { type Segment } from '../../learning/evaluation/segment-calibration';
import { type FeatureSpec, isNumber } from '../../learning/features/feature-spec';
import { FIELDS, readHeldOut } from './held-out-records';
import { MIN_SLICE } from './slice';

/** Segments that are looked at, the largest first. */
export const MAX_SEGMENTS = 20;

export interface HeldOutSegments {
  /** The largest of those of which both parts have at least 30 examples, by their test part. */
  readonly segments: readonly Segment[];
  /** Values that are left out because they have too few examples, or because there are more than 20. */
  readonly leftOut: number;
}

interface Column {
  readonly labels: number[];
  readonly probabilities: number[];
  readonly subjects: number[];
}

/**
 * The held-out examples by the values of a category; where it is missing, the value is ''.
 * @throws AppError BAD_USER_INPUT at `feature` for one that was not kept, or is a number
 */
export async function heldOutSegments(
  path: string,
  spec: FeatureSpec,
  feature: string,
): Promise<HeldOutSegments> {
  const values = new Map<string, Readonly<Record<'validation' | 'test', Column>>>();
  const column = (): Column => ({ labels: [], probabilities: [], subjects: [] });
  await readHeldOut(path, ({ features }) => {
    const at = FIELDS.firstFeature + features.indexOf(feature);
    const kept = spec.features.filter((each) => features.includes(each.name) && !isNumber(each));
    if (!kept.some(({ name }) => name === feature)) throw unknown(feature, kept);
    return (fields) => {
      const value = fields[at] ?? '';
      let parts = values.get(value);
      if (!parts) values.set(value, (parts = { validation: column(), test: column() }));
      const { labels, probabilities, subjects } =
        parts[fields[FIELDS.part] === 'test' ? 'test' : 'validation'];
      labels.push(Number(fields[FIELDS.label]));
      probabilities.push(Number(fields[FIELDS.probability]));
      const subject = fields[FIELDS.subject] ?? '';
      if (subject !== '') subjects.push(Number(subject));
    };
  });
  const segments = [...values]
    .filter(([, { validation, test }]) => Math.min(validation.labels.length, test.labels.length) >= MIN_SLICE)
    .sort(([a, one], [b, other]) => other.test.labels.length - one.test.labels.length || (a < b ? -1 : 1))
    .slice(0, MAX_SEGMENTS)
    .map(([value, { validation, test }]) => ({ value, validation: scored(validation), test: scored(test) }));
  return { segments, leftOut: values.size - segments.length };
}

function scored({ labels, probabilities, subjects }: Column): Segment['test'] {
  return {
    labels_N: Float32Array.from(labels),
    probabilities_N: Float32Array.from(probabilities),
    // Known of all or of none.
    subjects_N: subjects.length === labels.length ? Int32Array.from(subjects) : null,
  };
}

function unknown(feature: string, kept: ReadonlyArray<{ readonly name: string }>): AppError {
  const message =
    kept.length === 0
      ? 'no categories were kept with the held-out predictions of this version: train again'
      : `must be a category that was kept with the held-out predictions: ${kept.map(({ name }) => name).join(', ')}`;
  return new AppError('BAD_USER_INPUT', `feature "${feature.slice(0, 80)}" ${message}.`, [
    { path: 'feature', message },
  ]);
}
