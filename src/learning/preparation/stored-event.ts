import { type Issue } from '../../errors';
import { MISSING_MARKERS, numberOfText, trimText } from '../features/cell-text';
import { bagKind, type CompoundFeature, isBag, isCompound, numbersKind } from '../features/compound';
import { type DerivedEvent } from '../features/derived/compute-derived';
import { derivedColumns } from '../features/derived/read-derived';
import { type FeatureSpec } from '../features/feature-spec';
import { ANY_KIND, eventLabelOf } from '../features/label-spec';
import { mayBeMoment } from '../features/moments-spec';
import { Problem } from '../features/feature-value';
import { type FeatureValue, type HistoryEvent } from '../features/raw-from-records';
import { columnOf, sessionColumn, wantedColumns } from './column-plan';
import { shorten } from './quarantine';
import { missingWords } from './typed-rows';

/** A value as its sender gave it; what is missing is absent. */
export type CellValue = string | number | boolean;

/** An event as the event store has it: a row whose columns are named as in a file. */
export interface StoredEvent {
  readonly id: string;
  readonly subjectId: string;
  readonly at: Date;
  readonly kind: string;
  readonly cells: Readonly<Record<string, CellValue>>;
}

/** What an event has beside its cells, and what the columns for it are called where the spec names none. */
const OWN = { id: 'event_id', subjectId: 'subject_id', at: 'at', kind: 'kind' } as const;
type OwnField = keyof typeof OWN;

interface NumericColumn {
  readonly column: string;
  /** What stands for a missing value in it, in lower case. */
  readonly missing: ReadonlySet<string>;
}

/** How a spec reads stored events. */
interface Reading {
  /** The columns that an event's own fields are in. */
  readonly own: ReadonlyMap<string, OwnField>;
  /** All columns of a snapshot's file, the own ones first. */
  readonly columns: readonly string[];
  readonly label: string | null;
  /** Whether the label is a number. */
  readonly isNumberLabel: boolean;
  /** What an event of a kind must hold as a number to decide the label. */
  readonly condition: { readonly kind: string; readonly column: string } | null;
  readonly session: string | null;
  /** Numbers that every event is checked for, and those of moments of prediction. */
  readonly numeric: readonly NumericColumn[];
  readonly momentNumeric: readonly NumericColumn[];
  /** Compound fields and features, likewise. */
  readonly compound: readonly CompoundFeature[];
  readonly momentCompound: readonly CompoundFeature[];
}

const MARKERS: ReadonlySet<string> = new Set(MISSING_MARKERS);
const readings = new WeakMap<FeatureSpec, Reading>();

function readingOf(spec: FeatureSpec): Reading {
  const known = readings.get(spec);
  if (known) return known;
  const wanted = wantedColumns(spec);
  const named: Record<OwnField, string | undefined> = {
    id: spec.idColumn,
    subjectId: spec.subjectColumn,
    at: spec.timeColumn,
    kind: spec.kindColumn,
  };
  const own = new Map<string, OwnField>();
  for (const field of ['id', 'subjectId', 'at', 'kind'] as const) {
    let column = named[field] ?? OWN[field];
    // A name that the spec does not give must not hide a column that it reads.
    while (named[field] === undefined && (wanted.has(column) || own.has(column))) column = `_${column}`;
    if (!own.has(column)) own.set(column, field);
  }
  const numericColumns = (
    features: ReadonlyArray<{ type: string; name: string; column?: string | undefined }>,
  ) => features.filter(({ type }) => type === 'numeric').map(columnOf);
  const numbers = (columns: readonly string[]) =>
    [...new Set(columns)].map((column) => ({
      column,
      missing: new Set([...MISSING_MARKERS, ...missingWords(spec, column)]),
    }));
  // At a date, any earlier event may be the one that a feature is read from.
  const always = numbers([
    ...numericColumns([...(spec.sequence?.fields ?? []), ...(spec.momentDates ? spec.features : [])]),
    ...derivedColumns(spec).numbers,
  ]);
  const decides = eventLabelOf(spec.label);
  const reading: Reading = {
    own,
    columns: [...own.keys(), ...[...wanted].filter((column) => !own.has(column)).sort()],
    label: 'column' in spec.label ? spec.label.column : null,
    isNumberLabel: 'column' in spec.label && !('positive' in spec.label),
    condition:
      decides?.where && !decides.where.oneOf ? { kind: decides.kind, column: decides.where.column } : null,
    session: sessionColumn(spec) ?? null,
    numeric: always,
    momentNumeric: numbers(numericColumns(spec.features)).filter(({ column }) =>
      always.every((other) => other.column !== column),
    ),
    compound: [...(spec.sequence?.fields ?? []), ...(spec.momentDates ? spec.features : [])].filter((field) =>
      isCompound(field),
    ),
    momentCompound: spec.features.filter((feature) => isCompound(feature)),
  };
  readings.set(spec, reading);
  return reading;
}

/** The column that holds an event's own field, or null where it is one of its cells. */
export function ownFieldOf(spec: FeatureSpec, column: string): OwnField | null {
  return readingOf(spec).own.get(column) ?? null;
}

/** Whether a column's texts may be longer than a category: texts, lists and vectors read it, and no category does. */
export function mayBeLong(spec: FeatureSpec, column: string): boolean {
  const features = [...spec.features, ...(spec.sequence?.fields ?? [])];
  const readers = features.filter((feature) => columnOf(feature) === column);
  return readers.some((reader) => isCompound(reader)) && readers.every(({ type }) => type !== 'categorical');
}

/** The header of the file that stored events make under a spec: CSV as RFC 4180 has it, its line break with it. */
export function storedHeader(spec: FeatureSpec): string {
  return lineOf(readingOf(spec).columns);
}

/** An event's line of that file; what is missing is empty. */
export function storedLine(spec: FeatureSpec, event: StoredEvent): string {
  return lineOf(readingOf(spec).columns.map((column) => textOf(spec, event, column)));
}

/**
 * What a file's row with the event's values would be quarantined for: an event with issues is no event for training,
 * and so none for a prediction. Paths are columns.
 */
export function eventIssues(spec: FeatureSpec, event: StoredEvent): readonly Issue[] {
  const { label, isNumberLabel, condition, session } = readingOf(spec);
  const { numeric, momentNumeric, compound, momentCompound } = readingOf(spec);
  const isMoment = mayBeMoment(spec, event.kind);
  const issues: Issue[] = [];
  if (session !== null && textOf(spec, event, session) === '')
    issues.push({ path: session, message: 'is the session, which every event needs' });
  if (isMoment && label !== null && trimText(textOf(spec, event, label)) === '')
    issues.push({
      path: label,
      message: `is the label, which an event of the kind ${event.kind} needs: send the event when the label is known`,
    });
  else if (isMoment && label !== null && isNumberLabel)
    issues.push(...numberIssues(spec, event, { column: label }));
  if (condition && [ANY_KIND, event.kind].includes(condition.kind))
    issues.push(...numberIssues(spec, event, { ...condition, missing: MARKERS }));
  for (const column of isMoment ? [...numeric, ...momentNumeric] : numeric)
    if (issues.every(({ path }) => path !== column.column)) issues.push(...numberIssues(spec, event, column));
  for (const feature of isMoment ? [...compound, ...momentCompound] : compound) {
    const column = columnOf(feature);
    const problem = cellProblem(feature, textOf(spec, event, column));
    if (problem !== null && issues.every(({ path }) => path !== column))
      issues.push({ path: column, message: problem });
  }
  return issues;
}

/** What keeps a column's text from being a number. */
function numberIssues(
  spec: FeatureSpec,
  event: StoredEvent,
  { column, missing }: { readonly column: string; readonly missing?: ReadonlySet<string> },
): readonly Issue[] {
  const text = textOf(spec, event, column);
  return !Number.isNaN(numberOfText(text)) || missing?.has(trimText(text).toLowerCase()) === true
    ? []
    : [{ path: column, message: `${JSON.stringify(shorten(text, 40))} is not a number within ±3.4e38` }];
}

/** What keeps a text from being a cell of a compound feature; null for nothing. */
function cellProblem(feature: CompoundFeature, text: string): string | null {
  const read = isBag(feature)
    ? bagKind(feature).read(feature, text)
    : numbersKind(feature).read(feature, text);
  return read instanceof Problem ? read.message : null;
}

/** The event as a prediction's history has it; null where a file's row would be quarantined. */
export function historyEventOf(spec: FeatureSpec, event: StoredEvent): HistoryEvent | null {
  if (eventIssues(spec, event).length > 0) return null;
  const values = Object.create(null) as Record<string, FeatureValue>;
  for (const field of spec.sequence?.fields ?? []) {
    if (field.type === 'elapsed') continue;
    const text = textOf(spec, event, columnOf(field));
    // What is no number here stands for a missing one: it had no issue.
    values[field.name] = field.type === 'numeric' ? numberOrNull(text) : text;
  }
  return { at: event.at, values };
}

/** The event as derived features read it; null where a file's row would be quarantined. */
export function derivedEventOf(spec: FeatureSpec, event: StoredEvent): DerivedEvent | null {
  if (eventIssues(spec, event).length > 0) return null;
  const values = Object.create(null) as Record<string, string | number | null>;
  const { numbers, texts } = derivedColumns(spec);
  for (const column of texts) values[column] = textOf(spec, event, column);
  for (const column of numbers) {
    const number = numberOfText(textOf(spec, event, column));
    values[column] = Number.isNaN(number) ? null : number;
  }
  return { at: event.at, values };
}

/** Blanks around a text, and whatever else is not plain, are kept by quotes. */
const PLAIN = /^[\w.:+-]*$/;

function lineOf(texts: readonly string[]): string {
  const fields = texts.map((text) => (PLAIN.test(text) ? text : `"${text.replaceAll('"', '""')}"`));
  return `${fields.join(',')}\n`;
}

/** What a file's row with the event's values has in a column; empty where it is missing. */
export function textOf(spec: FeatureSpec, event: StoredEvent, column: string): string {
  const field = readingOf(spec).own.get(column);
  if (field !== undefined) return field === 'at' ? event.at.toISOString() : event[field];
  return Object.hasOwn(event.cells, column) ? String(event.cells[column]) : '';
}

function numberOrNull(text: string): number | null {
  const value = numberOfText(text);
  return Number.isNaN(value) ? null : value;
}
