import { type ScoredExamples } from '../../learning/evaluation/scored-examples';
import { FIELDS, readTestPart } from './held-out-records';
import { type HeldOutHeader } from './held-out-records';
import { type InSlice } from './slice';

/** The examples of the test part that a slice holds, in the file's order. */
export interface HeldOutExamples extends ScoredExamples {
  /** Examples of the test part, in the slice or not. */
  readonly total: number;
}

export interface IdentifiedExamples extends HeldOutExamples {
  readonly ids: readonly string[];
}

export async function heldOutExamples(
  path: string,
  sliceOf: (header: HeldOutHeader) => InSlice,
): Promise<IdentifiedExamples> {
  const ids: string[] = [];
  const labels: number[] = [];
  const probabilities: number[] = [];
  const subjects: number[] = [];
  let total = 0;
  await readTestPart(path, (header) => {
    const inSlice = sliceOf(header);
    return (fields) => {
      total++;
      if (!inSlice(fields)) return;
      ids.push(fields[FIELDS.id] ?? '');
      labels.push(Number(fields[FIELDS.label]));
      probabilities.push(Number(fields[FIELDS.probability]));
      const subject = fields[FIELDS.subject] ?? '';
      if (subject !== '') subjects.push(Number(subject));
    };
  });
  return {
    total,
    ids,
    labels_N: Float32Array.from(labels),
    probabilities_N: Float32Array.from(probabilities),
    // Known of all or of none.
    subjects_N: subjects.length === ids.length && ids.length > 0 ? Int32Array.from(subjects) : null,
  };
}
