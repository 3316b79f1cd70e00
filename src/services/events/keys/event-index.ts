import { createHash } from 'node:crypto';
import { canonicalCategory } from '../../../learning/features/category';
import { numberOfText } from '../../../learning/features/cell-text';
import { type DerivedFeature } from '../../../learning/features/derived/derived-feature';
import { derivedFeatures, scopeOf, valueColumnOf } from '../../../learning/features/derived/read-derived';
import { entityOf } from '../../../learning/features/entities/entity-spec';
import { type FeatureSpec } from '../../../learning/features/feature-spec';
import { ownFieldOf, type StoredEvent } from '../../../learning/preparation/stored-event';

/**
 * What is kept of the events that share a key. It names an event's own fields and cells, and no specification's columns,
 * so that specifications that call them differently share it.
 */
export interface EventIndex {
  /** `own:kind` or `cell:item_id`, ascending; none: all events have one key. */
  readonly by: readonly string[];
  /** What is aggregated beside counts. */
  readonly column?: string;
  /** `NUMBERS`: sum, least and greatest. `PLACES`: how often each number occurs. `VALUES`: how often each text does. */
  readonly as?: 'NUMBERS' | 'PLACES' | 'VALUES';
}

/** One event in an index. */
export interface IndexEntry {
  readonly key: string;
  readonly at_ms: number;
  readonly sequence: number;
  readonly kind: string;
  readonly number: number | null;
  /** Empty where different values are not counted. */
  readonly value: string;
}

/** Equal for equal indexes. */
export function definitionOf({ by, column, as }: EventIndex): string {
  return JSON.stringify({ by, column, as });
}

/** A column, as a specification names it, and where an event has it. */
interface Source {
  readonly column: string;
  readonly source: string;
}

/** Columns by where stored events have them, ascending; null where they lack one, because it is an entity's. */
export function sourcesOf(spec: FeatureSpec, columns: readonly string[]): Source[] | null {
  if (columns.some((column) => entityOf(spec, column) !== null)) return null;
  return columns
    .map((column) => {
      const own = ownFieldOf(spec, column);
      return { column, source: own === null ? `cell:${column}` : `own:${own}` };
    })
    .sort((a, b) => (a.source < b.source ? -1 : 1));
}

/** The derived features that are not the subject's alone, and are known by the key that they are of. */
export function keyedFeatures(spec: FeatureSpec): DerivedFeature[] {
  return derivedFeatures(spec).filter((feature) => !scopeOf(spec, feature).ofSubject);
}

/** The index that a feature is looked up in; null where stored events do not have what it reads. */
export function indexOf(spec: FeatureSpec, feature: DerivedFeature): EventIndex | null {
  const by = sourcesOf(spec, scopeOf(spec, feature).by)?.map(({ source }) => source);
  const value = valueColumnOf(feature);
  const column = value ? sourcesOf(spec, [value.name])?.[0]?.source : undefined;
  if (!by || (value && column === undefined)) return null;
  if (column === undefined) return { by };
  const { aggregate } = feature;
  const as = aggregate === 'position' ? 'PLACES' : aggregate === 'countDistinct' ? 'VALUES' : 'NUMBERS';
  return { by, column, as };
}

/** All events by their kind: what prior rates are counted with. */
export const ALL_EVENTS: EventIndex = { by: [] };

/** The key of values, which are those of the columns that the index is by; null where one is missing. */
export function keyOf(values: readonly (string | null)[]): string | null {
  const texts: string[] = [];
  for (const value of values) {
    if (value === null || value === '') return null;
    texts.push(canonicalCategory(value));
  }
  return digest(JSON.stringify(texts));
}

/** What an index has of an event; null where it has nothing. */
export function entryOf(
  { by, column, as }: EventIndex,
  event: StoredEvent & { readonly sequence: number },
): IndexEntry | null {
  const key = keyOf(by.map((source) => sourceText(event, source)));
  if (key === null) return null;
  const text = column === undefined ? '' : sourceText(event, column);
  const number = column === undefined ? NaN : Math.fround(numberOfText(text));
  const entry = {
    key,
    at_ms: event.at.getTime(),
    sequence: event.sequence,
    kind: canonicalCategory(event.kind),
    number: Number.isNaN(number) ? null : number,
    value: '',
  };
  if (as === 'VALUES')
    return text === '' ? null : { ...entry, number: null, value: digest(canonicalCategory(text)) };
  // Whatever kind it is of. Zero has no sign here.
  if (as === 'PLACES')
    return Number.isNaN(number) ? null : { ...entry, kind: '', number: null, value: String(number + 0) };
  return entry;
}

/** Keys may be longer than an entry of a database's index. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
}

function sourceText(event: StoredEvent, source: string): string {
  const name = source.slice(source.indexOf(':') + 1);
  if (source.startsWith('cell:')) return Object.hasOwn(event.cells, name) ? String(event.cells[name]) : '';
  return name === 'id' || name === 'subjectId' || name === 'kind' ? event[name] : event.at.toISOString();
}
