import { momentValuesOf } from '../../learning/features/derived/derive-from-request';
import { derivedFeatures } from '../../learning/features/derived/read-derived';
import { type Issue } from '../../errors';
import { entityColumnsOfHistory } from '../../learning/features/entities/entity-spec';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { EARLIEST_MOMENT_MS, LATEST_MOMENT_MS } from '../../learning/features/moment';
import { type ExampleRecord, type HistoryEvent } from '../../learning/features/raw-from-records';
import { type DerivedQuestion, type HistoryQuestion } from '../events/subject-histories';

export const HISTORY_SOURCES = ['GIVEN', 'LOOKED_UP', 'NONE'] as const;
export type HistorySource = (typeof HISTORY_SOURCES)[number];

/** A record whose history, where it has none, is its subject's. */
export interface PredictionRecord extends ExampleRecord {
  readonly subjectId?: string | null | undefined;
}

/** What an example was told of the past. */
export interface HistoryUse {
  readonly source: HistorySource;
  /** Events that the model saw. */
  readonly count: number;
  readonly latestAt: Date | null;
}

export interface LookUp {
  readonly spec: FeatureSpec;
  /** The moment of records without one. */
  readonly now: Date;
  readonly latest: (question: HistoryQuestion) => Promise<readonly HistoryEvent[]>;
  /** All derived features by name; null is missing. */
  readonly derived: (question: DerivedQuestion) => Promise<Readonly<Record<string, number | null>>>;
  /** The features of a moment that is a date by name; null is missing. */
  readonly dated: (question: HistoryQuestion) => Promise<ExampleRecord['features']>;
}

/** A record as it is scored. */
export interface CompletedRecord {
  readonly record: ExampleRecord;
  readonly history: HistoryUse;
  /** Why its history cannot be looked up. */
  readonly problem?: Issue;
}

/**
 * The record with its history, the one given, else what is stored of its subject strictly before its moment; then also
 * with what follows from stored events of the features that it does not give.
 */
export async function completeHistory(
  { subjectId, ...record }: PredictionRecord,
  { spec, now, latest, derived, dated }: LookUp,
): Promise<CompletedRecord> {
  const maxLength = spec.sequence?.maxLength ?? 0;
  const isDerived = derivedFeatures(spec).length > 0;
  const isOfDates = spec.momentDates !== undefined;
  const isOfEvents = spec.shape === 'EVENTS' && (maxLength > 0 || isDerived || isOfDates);
  if (record.history) return { record, history: use('GIVEN', record.history, maxLength) };
  const before = record.at ?? now;
  if (subjectId == null || !isOfEvents || !isMoment(before)) return { record, history: use('NONE', [], 0) };
  const lacking = entityColumnsOfHistory(spec);
  if (lacking.length > 0) return { record, history: use('NONE', [], 0), problem: cannotLookUp(lacking) };
  const question = { subjectId, before };
  const values = momentValuesOf(spec, record.features);
  const [history, known, given] = await Promise.all([
    latest(question),
    isDerived ? derived({ ...question, values }) : {},
    isOfDates ? dated(question) : {},
  ]);
  const features = { ...given, ...known, ...record.features };
  return { record: { ...record, features, history }, history: use('LOOKED_UP', history, maxLength) };
}

function cannotLookUp(columns: readonly string[]): Issue {
  return {
    path: 'history',
    message: `cannot be looked up, because stored events lack what the model reads of entities (${columns.join(', ')}): give the history, or an empty list for none`,
  };
}

function use(source: HistorySource, events: readonly HistoryEvent[], maxLength: number): HistoryUse {
  const count = Math.min(events.length, maxLength);
  const latestMs = events.reduce((ms, { at }) => Math.max(ms, at?.getTime() ?? -Infinity), -Infinity);
  return { source, count, latestAt: count === 0 || latestMs === -Infinity ? null : new Date(latestMs) };
}

/** What is none is refused when the record is read. */
function isMoment(at: Date): boolean {
  return at.getTime() >= EARLIEST_MOMENT_MS && at.getTime() < LATEST_MOMENT_MS;
}
