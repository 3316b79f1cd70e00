import { z } from 'zod';
import { type Issue } from '../../errors';
import { MAX_CATEGORY_LENGTH } from '../../learning/features/category';
import { MAX_TEXT_LENGTH } from '../../learning/features/compound/text';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { EARLIEST_MOMENT_MS } from '../../learning/features/moment';
import {
  type CellValue,
  eventIssues,
  mayBeLong,
  ownFieldOf,
  type StoredEvent,
} from '../../learning/preparation/stored-event';

/** Longest id, subject, kind and column name, in UTF-16 units. */
export const MAX_NAME_LENGTH = 200;
/** Most values of an event. */
export const MAX_VALUES = 256;
/** Most bytes that the values of an event take as JSON. */
export const MAX_VALUE_BYTES = 65_536;
/** How far a sender's clock may be ahead of ours. */
export const MAX_SKEW_MS = 5 * 60_000;
const MAX_ISSUES = 20;

/** A value by the name of its column: one of these, or none where it is missing. */
export interface GivenValue {
  readonly name: string;
  readonly number?: number | null | undefined;
  readonly text?: string | null | undefined;
  readonly boolean?: boolean | null | undefined;
  /** Lists are stored as a file has them in a cell, as JSON. */
  readonly texts?: readonly string[] | null | undefined;
  readonly numbers?: readonly number[] | null | undefined;
}

/** An event as a client sends it. */
export interface GivenEvent {
  readonly id: string;
  readonly subjectId: string;
  /** ISO 8601 with an offset. */
  readonly at: string;
  readonly kind: string;
  readonly values?: readonly GivenValue[] | null | undefined;
}

const instant = z.iso.datetime({ offset: true });
/** PostgreSQL stores neither NUL nor half a surrogate pair. */
const UNSTORABLE = /[\0\p{Cs}]/u;

/** Whether the event store can have events of a subject with this id. */
export function isStorable(text: string): boolean {
  return text.length > 0 && text.length <= MAX_NAME_LENGTH && !UNSTORABLE.test(text);
}

/**
 * Reads an event, or says everything that is wrong with it. What is read can be stored, and could be used under the
 * specification as a row of a file could. Moments are kept to the millisecond.
 * @returns issues with paths inside the event, such as `at` and `values.price`
 */
export function readEvent(
  given: GivenEvent,
  spec: FeatureSpec,
  now: Date,
): { readonly event: StoredEvent } | { readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  for (const field of ['id', 'subjectId', 'kind'] as const)
    if (!isStorable(given[field])) issues.push({ path: field, message: NAME_WANTED });
  const at = readMoment(given.at, now);
  if (typeof at === 'string') issues.push({ path: 'at', message: at });
  const cells = readCells(given.values ?? [], spec, issues);
  if (typeof at === 'string' || issues.length > 0) return { issues: issues.slice(0, MAX_ISSUES) };
  const { id, subjectId, kind } = given;
  const event = { id, subjectId, at, kind, cells };
  const unusable = eventIssues(spec, event);
  if (unusable.length === 0) return { event };
  return {
    issues: unusable.slice(0, MAX_ISSUES).map(({ path, message }) => ({
      path: ownFieldOf(spec, path) ?? `values.${path}`,
      message,
    })),
  };
}

const NAME_WANTED = `must have 1 to ${MAX_NAME_LENGTH} characters, without NUL`;

/** @returns what is wrong with it, if it is no moment that an event can have */
function readMoment(text: string, now: Date): Date | string {
  const at = new Date(instant.safeParse(text).success ? text : NaN);
  if (!(at.getTime() >= EARLIEST_MOMENT_MS))
    return 'must be an ISO 8601 moment with an offset, such as 2025-03-21T19:40:00Z, from the year 1900 on';
  if (at.getTime() > now.getTime() + MAX_SKEW_MS)
    return `lies more than ${MAX_SKEW_MS / 60_000} minutes in the future: it is ${now.toISOString()} here`;
  return at;
}

function readCells(
  values: readonly GivenValue[],
  spec: FeatureSpec,
  issues: Issue[],
): Readonly<Record<string, CellValue>> {
  // Names come from the client: __proto__ is a name like any other.
  const cells = Object.create(null) as Record<string, CellValue>;
  if (values.length > MAX_VALUES) {
    issues.push({
      path: 'values',
      message: `holds ${values.length} values; an event has at most ${MAX_VALUES}`,
    });
    return cells;
  }
  const seen = new Set<string>();
  for (const [index, { name, ...value }] of values.entries()) {
    if (!isStorable(name)) {
      issues.push({ path: `values.${index}.name`, message: NAME_WANTED });
      continue;
    }
    const given = cellsOf(value);
    const [cell] = given;
    const problem = seen.has(name)
      ? 'is given twice'
      : given.length > 1
        ? 'has more than one value: give number, text, boolean, texts or numbers'
        : problemOf(name, cell, spec);
    seen.add(name);
    if (problem !== null) issues.push({ path: `values.${name}`, message: problem });
    // An empty text is a missing value in files, and so it is here.
    else if (cell !== undefined && cell !== '') cells[name] = cell;
  }
  if (Buffer.byteLength(JSON.stringify(cells)) > MAX_VALUE_BYTES)
    issues.push({ path: 'values', message: `take more than ${MAX_VALUE_BYTES} bytes as JSON` });
  return cells;
}

/** What is given, as cells of a file. */
function cellsOf({ number, text, boolean, texts, numbers }: Omit<GivenValue, 'name'>): CellValue[] {
  const lists = [texts, numbers].map((list) => list && JSON.stringify(list));
  return [number, text, boolean, ...lists].filter((value) => value != null);
}

function problemOf(name: string, value: CellValue | undefined, spec: FeatureSpec): string | null {
  const own = ownFieldOf(spec, name);
  if (own !== null) return `is what the event's own field ${own} holds: leave it out`;
  if (typeof value === 'number' && !Number.isFinite(value)) return `must be a finite number, not ${value}`;
  if (typeof value !== 'string') return null;
  const longest = mayBeLong(spec, name) ? MAX_TEXT_LENGTH : MAX_CATEGORY_LENGTH;
  if (value.length > longest) return `is longer than ${longest} characters`;
  return UNSTORABLE.test(value) ? 'holds NUL or half a surrogate pair, which cannot be stored' : null;
}
