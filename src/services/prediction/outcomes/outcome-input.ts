import { type Issue } from '../../../errors';
import { isUuid } from '../../../platform/persistence/keyset';
import { EARLIEST_MOMENT_MS } from '../../../learning/features/moment';
import { MAX_SKEW_MS } from '../../events/event-input';
import { subjectKey } from '../log/subject-key';

/** What became of a prediction, as a client tells it. */
export interface GivenOutcome {
  /** Which prediction: this, or `subjectId` and `predictedFor`. */
  readonly predictionId?: string | null | undefined;
  readonly subjectId?: string | null | undefined;
  /** The moment of prediction. */
  readonly predictedFor?: Date | null | undefined;
  readonly label: boolean;
  /** When it was so. */
  readonly at: Date;
  readonly value?: number | null | undefined;
}

/** Which shown predictions: the one with an id, or all of a subject for a moment. */
export type OutcomePlace =
  { readonly predictionId: string } | { readonly subject: string; readonly predictedFor: Date };

export interface ReadOutcome {
  readonly of: OutcomePlace;
  readonly outcome: Outcome;
}

export interface Outcome {
  readonly label: boolean;
  readonly at: Date;
  readonly value: number | null;
}

/** Reads an outcome, or says everything that is wrong with it; paths begin inside it: `at`. */
export function readOutcome(
  { predictionId, subjectId, predictedFor, label, at, value }: GivenOutcome,
  now: Date,
): ReadOutcome | { readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  if (!(at.getTime() >= EARLIEST_MOMENT_MS) || at.getTime() > now.getTime() + MAX_SKEW_MS)
    issues.push({
      path: 'at',
      message: `must be a moment from the year 1900 on, and not in the future: it is ${now.toISOString()} here`,
    });
  if (value != null && !Number.isFinite(value))
    issues.push({ path: 'value', message: `must be a finite number, not ${value}` });
  const isById = predictionId != null;
  if (isById === (subjectId != null))
    issues.push({ path: 'predictionId', message: 'give either predictionId, or subjectId and predictedFor' });
  else if (isById === (predictedFor != null))
    issues.push({ path: 'predictedFor', message: 'belongs to subjectId: give both, or predictionId alone' });
  const of = placeOf({ predictionId, subjectId, predictedFor });
  if (isById && of && 'predictionId' in of && !isUuid(of.predictionId))
    issues.push({ path: 'predictionId', message: 'must be the id of a prediction: a UUID' });
  if (!of || issues.length > 0) return { issues };
  return { of, outcome: { label, at, value: value ?? null } };
}

function placeOf({
  predictionId,
  subjectId,
  predictedFor,
}: Pick<GivenOutcome, 'predictionId' | 'subjectId' | 'predictedFor'>): OutcomePlace | null {
  if (predictionId != null) return { predictionId: predictionId.toLowerCase() };
  return subjectId == null || predictedFor == null ? null : { subject: subjectKey(subjectId), predictedFor };
}

/**
 * Which of two outcomes of a prediction counts: the later one; of one moment yes, then the larger value. Whatever order
 * they come in, and however often, the same one is left.
 * @returns positive when the first counts, negative when the second does, 0 when they are the same
 */
export function compareOutcomes(a: Outcome, b: Outcome): number {
  return (
    a.at.getTime() - b.at.getTime() ||
    Number(a.label) - Number(b.label) ||
    compareNumbers(a.value ?? -Infinity, b.value ?? -Infinity)
  );
}

const compareNumbers = (a: number, b: number): number => (a > b ? 1 : a < b ? -1 : 0);
