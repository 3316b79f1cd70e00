import { canonicalCategory } from './category';
import { type FeatureSpec } from './feature-spec';
import { type GivenExamples, type GivenRows } from './given-examples';
import { type ColumnPlan, givenPlan, type GivenPlan } from './given-plan';
import { cyclicValue, EARLIEST_MOMENT_MS, elapsedSeconds, LATEST_MOMENT_MS } from './moment';
import { type RawExamples, type RawSequences } from './raw-examples';
import { MAX_HISTORY_EVENTS, MAX_RECORDS } from './raw-from-records';

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
export function rawFromGiven(spec: FeatureSpec, { given, places, now }: GivenPlaces): RawExamples | null {
  const plan = givenPlan(spec, given.layout);
  const count = places.length;
  if (!plan || count > MAX_RECORDS) return null;
  const at = momentsOf(given.rows, plan.at, { places, now });
  const histories = at && historiesOf(plan, { given, places }, at);
  if (!histories) return null;
  const { maxLength = 0 } = plan.sequence ?? {};
  // One piece of memory for all numbers costs less than one for each column.
  const numbers = new Float32Array(plan.numbers * count + (plan.sequence?.numbers ?? 0) * count * maxLength);
  numbers.fill(NaN);
  const memory = { numbers, used: 0 };
  const rows = new Int32Array(count);
  for (let index = 0; index < count; index++) rows[index] = places[index] ?? NOWHERE;
  const columns = new Columns(memory, { rows: given.rows, source: rows, at });
  for (const column of plan.columns) columns.add(column, count);
  const { numeric, categorical } = columns;
  const raw = { count, numeric, categorical };
  if (!plan.sequence) return raw;
  const { source, lengths } = histories;
  const fields = new Columns(memory, { rows: given.events, source, at, plan: plan.sequence });
  for (const column of plan.sequence.columns) fields.add(column, count * maxLength);
  const sequence: RawSequences = {
    maxLength,
    lengths,
    numeric: fields.numeric,
    categorical: fields.categorical,
  };
  return { ...raw, sequence };
}

/** Milliseconds by place; null where one is no moment that anything is known about. */
function momentsOf(
  { numbers, numberWidth }: GivenRows,
  slot: number,
  { places, now }: Pick<GivenPlaces, 'places' | 'now'>,
): Float64Array | null {
  const at = new Float64Array(places.length);
  for (let index = 0; index < places.length; index++) {
    const own = numbers[(places[index] ?? 0) * numberWidth + slot] ?? NaN;
    const ms = Number.isNaN(own) ? now : own;
    if (!(ms >= EARLIEST_MOMENT_MS && ms < LATEST_MOMENT_MS)) return null;
    at[index] = ms;
  }
  return at;
}

interface Histories {
  readonly lengths: Int32Array;
  /** The event of each step, [count · maxLength]; {@link NOWHERE} beyond the last. */
  readonly source: Int32Array;
}

/** Null where a history is not given, or not in order. */
function historiesOf(
  { sequence }: GivenPlan,
  { given, places }: Pick<GivenPlaces, 'given' | 'places'>,
  at: Float64Array,
): Histories | null {
  const { eventsFrom, hasEvents } = given;
  const maxLength = sequence?.maxLength ?? 0;
  const lengths = new Int32Array(places.length);
  const order =
    sequence && new EventOrder(given.events, sequence.at, new Int32Array(places.length * maxLength));
  for (let index = 0; index < places.length; index++) {
    const place = places[index] ?? 0;
    const from = eventsFrom[place] ?? 0;
    const to = eventsFrom[place + 1] ?? 0;
    if (hasEvents[place] !== 1 || to - from > MAX_HISTORY_EVENTS) return null;
    if (!order) {
      // A model without history refuses any.
      if (to > from) return null;
      continue;
    }
    if (!order.areBefore(from, to, at[index] ?? NaN)) return null;
    lengths[index] = order.put(from, to, index * maxLength, maxLength);
  }
  return { lengths, source: order?.source ?? lengths };
}

/** Which events of an example a model sees, and in which order. */
class EventOrder {
  private isAscending = true;

  constructor(
    private readonly events: GivenRows,
    private readonly slot: number,
    readonly source: Int32Array,
  ) {
    source.fill(NOWHERE);
  }

  /** Whether all of them have a moment before the example's. */
  areBefore(from: number, to: number, moment: number): boolean {
    const { numbers, numberWidth } = this.events;
    let previous = -Infinity;
    this.isAscending = true;
    for (let event = from; event < to; event++) {
      const ms = numbers[event * numberWidth + this.slot] ?? NaN;
      if (!(ms >= EARLIEST_MOMENT_MS && ms < moment)) return false;
      if (ms < previous) this.isAscending = false;
      previous = ms;
    }
    return true;
  }

  /** Puts the latest of those that were looked at last in order, oldest first. @returns how many */
  put(from: number, to: number, into: number, most: number): number {
    const kept = Math.min(to - from, most);
    if (this.isAscending) {
      for (let step = 0; step < kept; step++) this.source[into + step] = to - kept + step;
      return kept;
    }
    const { numbers, numberWidth } = this.events;
    const at = (event: number): number => numbers[event * numberWidth + this.slot] ?? NaN;
    // Sorting is stable: events of one moment keep the order given.
    const sorted = Array.from({ length: to - from }, (_, index) => from + index).sort(
      (a, b) => at(a) - at(b),
    );
    this.source.set(sorted.slice(sorted.length - kept), into);
    return kept;
  }
}

/** Where columns come from. */
interface Source {
  readonly rows: GivenRows;
  /** The row of each value. */
  readonly source: Int32Array;
  /** Moments of the examples. */
  readonly at: Float64Array;
  /** Of events. */
  readonly plan?: NonNullable<GivenPlan['sequence']>;
}

/** Columns as they fill. */
class Columns {
  readonly numeric: Record<string, Float32Array> = {};
  readonly categorical: Record<string, readonly string[]> = {};

  constructor(
    private readonly memory: { readonly numbers: Float32Array; used: number },
    private readonly from: Source,
  ) {}

  add({ name, read, slot, width }: ColumnPlan, count: number): void {
    if (read === 'category') this.categorical[name] = categoriesOf(this.from, slot);
    else if (read === 'no category') this.categorical[name] = new Array<string>(count * width).fill('');
    else {
      const { numbers, used } = this.memory;
      this.memory.used += count * width;
      const values = new Float32Array(numbers.buffer, used * numbers.BYTES_PER_ELEMENT, count * width);
      this.numeric[name] = values;
      if (read === 'number') this.numbers(values, slot);
      else if (read === 'elapsed') this.elapsed(values);
      else if (read !== 'no number')
        for (let place = 0; place < count; place++)
          values[place] = cyclicValue(read, this.from.at[place] ?? NaN);
    }
  }

  private numbers(into: Float32Array, slot: number): void {
    const { source, rows } = this.from;
    const { numbers, numberWidth } = rows;
    for (let place = 0; place < source.length; place++) {
      const row = source[place] ?? NOWHERE;
      if (row !== NOWHERE) into[place] = numbers[row * numberWidth + slot] ?? NaN;
    }
  }

  /** Seconds from each event to its example's moment. */
  private elapsed(into: Float32Array): void {
    const { source, rows, at, plan } = this.from;
    const { maxLength = 1, at: slot = 0 } = plan ?? {};
    for (let place = 0; place < source.length; place++) {
      const event = source[place] ?? NOWHERE;
      if (event === NOWHERE) continue;
      const ms = rows.numbers[event * rows.numberWidth + slot] ?? NaN;
      into[place] = elapsedSeconds(ms, at[Math.floor(place / maxLength)] ?? NaN);
    }
  }
}

function categoriesOf({ source, rows }: Source, slot: number): string[] {
  const { texts, textWidth } = rows;
  const values = new Array<string>(source.length);
  for (let place = 0; place < source.length; place++) {
    const row = source[place] ?? NOWHERE;
    const text = row === NOWHERE ? null : texts[row * textWidth + slot];
    values[place] = text == null ? '' : canonicalCategory(text);
  }
  return values;
}
