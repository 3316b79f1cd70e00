import { canonicalCategory } from './category';
import { isCompound, rawWidth } from './compound';
import { derivedFeatures } from './derived/read-derived';
import { type FeatureSpec, holdsCategories, type SequenceField, type StaticFeature } from './feature-spec';
import { type GivenColumn, type GivenColumns, type GivenExamples, type GivenRows } from './given-examples';
import { type CyclicPart, cyclicValue, EARLIEST_MOMENT_MS, elapsedSeconds, LATEST_MOMENT_MS } from './moment';
import { type RawExamples, type RawSequences } from './raw-examples';
import { MAX_HISTORY_EVENTS, MAX_RECORDS } from './raw-from-records';

type ValueFeature = StaticFeature | SequenceField;

/** In the place of a row: there is none. */
const NOWHERE = -1;

/** Some of the examples that were given. */
export interface GivenPlaces {
  readonly given: GivenExamples;
  /** In this order. */
  readonly places: readonly number[];
  /** The moment of those without one, in milliseconds since 1970. */
  readonly now: number;
}

/**
 * The same as `rawFromRecords` of the same examples, where that refuses none of them; it goes column by column, and makes
 * no record.
 *
 * @returns null where one of them might be refused, looks up its history, or holds what is not read here
 */
export function rawFromGiven(spec: FeatureSpec, asked: GivenPlaces): RawExamples | null {
  const { given, places, now } = asked;
  const { layout, rows } = given;
  if (places.length > MAX_RECORDS || !isReadable(spec, given)) return null;
  const at = momentsOf(rows, layout.at, { places, now });
  if (!at) return null;
  const sequence = sequenceOf(spec, asked, at);
  if (sequence === null) return null;
  const source = Int32Array.from(places);
  const columns = new Columns(places.length);
  for (const feature of spec.features) {
    if (feature.type === 'cyclic') {
      columns.numeric[feature.name] = cyclicOf(feature.part, at);
    } else columns.add(feature, layout.features, { rows, source });
  }
  const { numeric, categorical } = columns;
  const raw = { count: places.length, numeric, categorical };
  return sequence ? { ...raw, sequence } : raw;
}

/** What a layout's columns mean for a specification is found out once. */
const readable = new WeakMap<FeatureSpec, WeakMap<object, boolean>>();

function isReadable(spec: FeatureSpec, { layout }: GivenExamples): boolean {
  let known = readable.get(spec);
  if (!known) readable.set(spec, (known = new WeakMap<object, boolean>()));
  let answer = known.get(layout);
  if (answer === undefined) {
    const { fields = [] } = spec.sequence ?? {};
    answer =
      derivedFeatures(spec).length === 0 &&
      (spec.sequence === undefined || (spec.shape === 'EVENTS' && layout.eventAt !== null)) &&
      spec.features.every((feature) => fits(feature, layout.features.get(feature.name))) &&
      fields.every((field) => fits(field, layout.fields.get(field.name)));
    known.set(layout, answer);
  }
  return answer;
}

/** Whether a column holds what a feature takes. What no column holds is missing. */
function fits(feature: ValueFeature, column: GivenColumn | undefined): boolean {
  if (!column) return true;
  if (isCompound(feature)) return false;
  switch (feature.type) {
    case 'numeric':
      return column.holds === 'number';
    case 'categorical':
      return column.holds === 'text';
    case 'derived':
    case 'cyclic':
    case 'elapsed':
      return false;
  }
}

/** Milliseconds by place; null where one is no moment that anything is known about. */
function momentsOf(
  { numbers, numberWidth }: GivenRows,
  { slot }: GivenColumn,
  { places, now }: Pick<GivenPlaces, 'places' | 'now'>,
): Float64Array | null {
  const at = new Float64Array(places.length);
  for (let index = 0; index < places.length; index++) {
    const own = numbers[(places[index] ?? 0) * numberWidth + slot] ?? NaN;
    const ms = Number.isNaN(own) ? now : own;
    if (!isMoment(ms)) return null;
    at[index] = ms;
  }
  return at;
}

const isMoment = (ms: number): boolean => ms >= EARLIEST_MOMENT_MS && ms < LATEST_MOMENT_MS;

/** Null where a history is not given, or not in order; undefined where the specification takes none. */
function sequenceOf(
  spec: FeatureSpec,
  { given, places }: GivenPlaces,
  at: Float64Array,
): RawSequences | null | undefined {
  const { layout, events, eventsFrom, hasEvents } = given;
  const maxLength = spec.sequence?.maxLength ?? 0;
  const lengths = new Int32Array(places.length);
  const source = new Int32Array(places.length * maxLength).fill(NOWHERE);
  const order = new EventOrder(events, layout.eventAt);
  for (let index = 0; index < places.length; index++) {
    const place = places[index] ?? 0;
    const from = eventsFrom[place] ?? 0;
    const count = (eventsFrom[place + 1] ?? 0) - from;
    if (hasEvents[place] !== 1 || count > MAX_HISTORY_EVENTS) return null;
    // A model without history refuses any.
    if (!spec.sequence) {
      if (count > 0) return null;
      continue;
    }
    const kept = order.latest(
      { from, count, before: at[index] ?? NaN },
      source.subarray(index * maxLength, (index + 1) * maxLength),
    );
    if (kept < 0) return null;
    lengths[index] = kept;
  }
  if (!spec.sequence) return undefined;
  const columns = new Columns(source.length);
  for (const field of spec.sequence.fields) {
    if (field.type === 'elapsed') columns.numeric[field.name] = order.elapsed(source, at, maxLength);
    else columns.add(field, layout.fields, { rows: events, source });
  }
  const { numeric, categorical } = columns;
  return { maxLength, lengths, numeric, categorical };
}

/** Which events of an example a model sees, and in which order. */
class EventOrder {
  constructor(
    private readonly events: GivenRows,
    private readonly column: GivenColumn | null,
  ) {}

  /** Puts the latest of an example's events in order, oldest first. @returns how many; negative where one has no moment before the example's */
  latest(
    { from, count, before }: { readonly from: number; readonly count: number; readonly before: number },
    into: Int32Array,
  ): number {
    let isAscending = true;
    let previous = -Infinity;
    for (let event = from; event < from + count; event++) {
      const ms = this.at(event);
      if (!(ms >= EARLIEST_MOMENT_MS && ms < before)) return -1;
      if (ms < previous) isAscending = false;
      previous = ms;
    }
    const kept = Math.min(count, into.length);
    if (isAscending) {
      for (let step = 0; step < kept; step++) into[step] = from + count - kept + step;
      return kept;
    }
    // Sorting is stable: events of one moment keep the order given.
    const sorted = Array.from({ length: count }, (_, index) => from + index).sort(
      (a, b) => this.at(a) - this.at(b),
    );
    into.set(sorted.slice(count - kept));
    return kept;
  }

  /** Seconds from each event to its example's moment. */
  elapsed(source: Int32Array, at: Float64Array, maxLength: number): Float32Array {
    const values = new Float32Array(source.length).fill(NaN);
    for (let place = 0; place < source.length; place++) {
      const event = source[place] ?? NOWHERE;
      if (event === NOWHERE) continue;
      values[place] = elapsedSeconds(this.at(event), at[Math.floor(place / maxLength)] ?? NaN);
    }
    return values;
  }

  private at(event: number): number {
    const { numbers, numberWidth } = this.events;
    return this.column ? (numbers[event * numberWidth + this.column.slot] ?? NaN) : NaN;
  }
}

/** Where the values of a column come from: the row of each. */
interface Source {
  readonly rows: GivenRows;
  readonly source: Int32Array;
}

/** Columns as they fill. */
class Columns {
  readonly numeric: Record<string, Float32Array> = {};
  readonly categorical: Record<string, readonly string[]> = {};

  constructor(private readonly count: number) {}

  add(feature: ValueFeature, given: GivenColumns, { rows, source }: Source): void {
    const column = given.get(feature.name);
    if (!column) {
      const length = this.count * (isCompound(feature) ? rawWidth(feature) : 1);
      if (holdsCategories(feature)) this.categorical[feature.name] = new Array<string>(length).fill('');
      else this.numeric[feature.name] = new Float32Array(length).fill(NaN);
    } else if (column.holds === 'number') this.numeric[feature.name] = numbersOf(rows, source, column.slot);
    else this.categorical[feature.name] = categoriesOf(rows, source, column.slot);
  }
}

function cyclicOf(part: CyclicPart, at: Float64Array): Float32Array {
  const values = new Float32Array(at.length);
  for (let place = 0; place < at.length; place++) values[place] = cyclicValue(part, at[place] ?? NaN);
  return values;
}

function numbersOf({ numbers, numberWidth }: GivenRows, source: Int32Array, slot: number): Float32Array {
  const values = new Float32Array(source.length);
  for (let place = 0; place < source.length; place++) {
    const row = source[place] ?? NOWHERE;
    values[place] = row === NOWHERE ? NaN : (numbers[row * numberWidth + slot] ?? NaN);
  }
  return values;
}

function categoriesOf({ texts, textWidth }: GivenRows, source: Int32Array, slot: number): string[] {
  const values = new Array<string>(source.length);
  for (let place = 0; place < source.length; place++) {
    const row = source[place] ?? NOWHERE;
    const text = row === NOWHERE ? null : texts[row * textWidth + slot];
    values[place] = text == null ? '' : canonicalCategory(text);
  }
  return values;
}
