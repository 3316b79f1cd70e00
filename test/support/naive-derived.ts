import { type DerivedFeature } from '../../src/learning/features/derived/derived-feature';
import { type LogRow } from './log-records';

/** An event of a log, with its place in the file. */
export interface NaiveEvent {
  readonly ms: number;
  readonly place: number;
  readonly row: LogRow;
}

export interface NaiveColumns {
  readonly subject: string;
  readonly kind: string;
  readonly sessionGapMinutes: number;
  /** For tests of tests: what a wrong implementation would do. */
  readonly includesMoment?: boolean;
}

/**
 * A derived feature of a moment, by looking at every event of the log. Written from the documentation, without the code
 * that it is compared with. NaN is missing.
 */
export function naiveDerived(
  feature: DerivedFeature,
  log: readonly NaiveEvent[],
  moment: NaiveEvent,
  columns: NaiveColumns,
): number {
  const by = feature.by ?? [columns.subject];
  if (by.some((column) => moment.row[column] === '')) return NaN;
  const delayMs = (feature.delayMinutes ?? 0) * 60_000;
  const windowMs = (feature.withinMinutes ?? (feature.withinDays ?? Infinity) * 1440) * 60_000;
  const isKnown = ({ ms }: NaiveEvent) =>
    columns.includesMoment ? ms <= moment.ms : ms < moment.ms - delayMs;
  const inSession = currentSession(log, moment, columns);
  const picked = log
    .filter((event) => isKnown(event) && event.ms >= moment.ms - windowMs)
    .filter((event) => by.every((column) => event.row[column] === moment.row[column]))
    .filter((event) => !feature.withinSession || inSession(event))
    .sort((a, b) => a.ms - b.ms || a.place - b.place);
  return ofPicked(feature, picked, { log: log.filter(isKnown), moment, columns });
}

function ofPicked(
  feature: DerivedFeature,
  picked: readonly NaiveEvent[],
  { log, moment, columns }: { log: readonly NaiveEvent[]; moment: NaiveEvent; columns: NaiveColumns },
): number {
  const count = (events: readonly NaiveEvent[], kinds: readonly string[]) =>
    events.filter(({ row }) => kinds.includes(row[columns.kind] ?? '')).length;
  if (feature.aggregate === 'rate') {
    const { of, among, prior } = feature;
    const [n, d] = [count(picked, of), count(picked, among)];
    if (!prior) return d === 0 ? NaN : n / d;
    const all = count(log, among);
    const rate = prior.rate ?? (all === 0 ? NaN : count(log, of) / all);
    return (n + prior.strength * rate) / (d + prior.strength);
  }
  const numbers = (events: readonly NaiveEvent[], column: string) =>
    events.flatMap(({ row }) => (row[column] === '' ? [] : [Math.fround(Number(row[column]))]));
  if (feature.aggregate === 'position') {
    const [own] = numbers([moment], feature.column);
    const earlier = numbers(picked, feature.column);
    if (own === undefined || earlier.length === 0) return NaN;
    const shares = earlier.map((value) => (value < own ? 1 : value === own ? 0.5 : 0));
    return shares.reduce<number>((sum, share) => sum + share, 0) / earlier.length;
  }
  const { kinds } = feature;
  const events = picked.filter(({ row }) => !kinds || kinds.includes(row[columns.kind] ?? ''));
  const [first, last] = [events[0], events.at(-1)];
  switch (feature.aggregate) {
    case 'count':
      return events.length;
    case 'sessions':
      return new Set(events.map((event) => sessionStart(log, event, columns))).size;
    case 'secondsSinceLast':
      return last ? (moment.ms - last.ms) / 1000 : NaN;
    case 'secondsSinceFirst':
      return first ? (moment.ms - first.ms) / 1000 : NaN;
    case 'meanGapSeconds':
      return first && last && first !== last ? (last.ms - first.ms) / (events.length - 1) / 1000 : NaN;
    case 'countDistinct':
      return new Set(events.map(({ row }) => row[feature.column]).filter((value) => value !== '')).size;
    default: {
      const values = numbers(events, feature.column);
      if (feature.aggregate === 'sum' && events.length === 0) return 0;
      if (values.length === 0) return NaN;
      const sum = values.reduce((total, value) => total + value, 0);
      return {
        sum,
        mean: sum / values.length,
        min: Math.min(...values),
        max: Math.max(...values),
        last: values.at(-1) ?? NaN,
      }[feature.aggregate];
    }
  }
}

/** Goes back from an event as long as the subject was never away for longer than the gap. */
function sessionStart(log: readonly NaiveEvent[], { ms, row }: NaiveEvent, columns: NaiveColumns): number {
  const own = log.filter((event) => event.row[columns.subject] === row[columns.subject]);
  let start = ms;
  for (;;) {
    const before = own.filter((event) => event.ms < start).map((event) => event.ms);
    const previous = Math.max(...before);
    if (before.length === 0 || start - previous > columns.sessionGapMinutes * 60_000) return start;
    start = previous;
  }
}

function currentSession(
  log: readonly NaiveEvent[],
  moment: NaiveEvent,
  columns: NaiveColumns,
): (event: NaiveEvent) => boolean {
  const start = sessionStart(log, moment, columns);
  return ({ ms }) => ms >= start && (columns.includesMoment || start < moment.ms);
}
