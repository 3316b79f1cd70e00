import { momentValuesOf } from '../../learning/features/derived/derive-from-request';
import { derivedFeatures } from '../../learning/features/derived/read-derived';
import { type Issue } from '../../errors';
import { entityColumnsOfHistory } from '../../learning/features/entities/entity-spec';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { EARLIEST_MOMENT_MS, LATEST_MOMENT_MS } from '../../learning/features/moment';
import { type ExampleRecord, type HistoryEvent } from '../../learning/features/raw-from-records';
import { keyedFeatures } from '../events/keys/event-index';
import { type KeyedQuestion } from '../events/keys/keyed-values';
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
  /** The derived features by other keys than the subject, by name; null is missing. */
  readonly keyed: (question: KeyedQuestion) => Promise<Readonly<Record<string, number | null>>>;
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
 * The record with its history, the one given, else what is stored of its subject strictly before its moment, then also
 * with what follows from those events of the features that it does not give; and, whoever it is about, with what follows
 * from the events of other keys.
 */
export function completeHistory(
  record: PredictionRecord,
  lookUp: LookUp,
): CompletedRecord | Promise<CompletedRecord> {
  const { spec } = lookUp;
  // Nothing is to be waited for.
  if (record.history && !hasKeyedFeatures(spec))
    return { record, history: use('GIVEN', record.history, spec.sequence?.maxLength ?? 0) };
  return lookedUp(record, lookUp);
}

const keyedSpecs = new WeakMap<FeatureSpec, boolean>();

function hasKeyedFeatures(spec: FeatureSpec): boolean {
  let has = keyedSpecs.get(spec);
  if (has === undefined) keyedSpecs.set(spec, (has = keyedFeatures(spec).length > 0));
  return has;
}

async function lookedUp(
  { subjectId, ...record }: PredictionRecord,
  lookUp: LookUp,
): Promise<CompletedRecord> {
  const { spec, now, latest, derived, keyed, dated } = lookUp;
  const maxLength = spec.sequence?.maxLength ?? 0;
  const isDerived = derivedFeatures(spec).length > 0;
  const isOfDates = spec.momentDates !== undefined;
  const isOfEvents = spec.shape === 'EVENTS' && (maxLength > 0 || isDerived || isOfDates);
  const before = record.at ?? now;
  if (!isOfEvents || !isMoment(before)) {
    const source = record.history ? 'GIVEN' : 'NONE';
    return { record, history: use(source, record.history ?? [], maxLength) };
  }
  const isLookedUp = !record.history && subjectId != null;
  const lacking = isLookedUp ? entityColumnsOfHistory(spec) : [];
  if (lacking.length > 0) return { record, history: use('NONE', [], 0), problem: cannotLookUp(lacking) };
  const values = momentValuesOf(spec, record.features);
  const ofKeys = keyedFeatures(spec).some(({ name }) => !Object.hasOwn(record.features, name))
    ? keyed({ before, values })
    : Promise.resolve({});
  if (record.history || subjectId == null) {
    const features = { ...(await ofKeys), ...record.features };
    const source = record.history ? 'GIVEN' : 'NONE';
    return { record: { ...record, features }, history: use(source, record.history ?? [], maxLength) };
  }
  const question = { subjectId, before };
  const [history, known, given, others] = await Promise.all([
    latest(question),
    isDerived ? derived({ ...question, values }) : {},
    isOfDates ? dated(question) : {},
    ofKeys,
  ]);
  const features = { ...given, ...known, ...others, ...record.features };
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
  let latestMs = -Infinity;
  for (const { at } of events) latestMs = Math.max(latestMs, at?.getTime() ?? -Infinity);
  return { source, count, latestAt: count === 0 || latestMs === -Infinity ? null : new Date(latestMs) };
}

/** What is none is refused when the record is read. */
function isMoment(at: Date): boolean {
  return at.getTime() >= EARLIEST_MOMENT_MS && at.getTime() < LATEST_MOMENT_MS;
}
