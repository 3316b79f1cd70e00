import { elapsedSeconds } from '../features/moment';
import { type ExampleFiles, momentsOf } from './store/example-files';
import { blocksOf, type ExampleStore } from './store/example-store';

/** Enough values for a quantile; more are thinned out evenly. */
const MAX_FIT_VALUES = 1_000_000;
/** Values of several columns that are held at once: 256 MiB. */
const MAX_HELD_VALUES = 1 << 26;

/** How often each category of a column is there, by its code, among so many rows. */
export interface CodeCounts {
  readonly counts: Int32Array;
  readonly rows: number;
  readonly dictionary: readonly string[];
}

/** The features of some examples. */
export class ExampleSample {
  private readonly files: ExampleFiles;
  private readonly sampled: Int32Array;
  private readonly columnsHeld: number;
  private held: { first: number; columns: Float32Array[] } = { first: 0, columns: [] };

  constructor(
    store: ExampleStore,
    private readonly rows: Int32Array,
  ) {
    this.files = store.files;
    const stride = strideOf(rows.length);
    this.sampled = new Int32Array(Math.ceil(rows.length / stride));
    for (let index = 0; index < this.sampled.length; index++) this.sampled[index] = rows[index * stride] ?? 0;
    this.columnsHeld = Math.max(1, Math.floor(MAX_HELD_VALUES / Math.max(rows.length, 1)));
  }

  /** A numeric feature's values. Features that follow each other are read together, as many as memory allows. */
  async numbers(column: number): Promise<Float32Array> {
    const first = column - (column % this.columnsHeld);
    if (this.held.first !== first || this.held.columns.length === 0) this.held = await this.read(first);
    return this.held.columns[column - first] ?? new Float32Array();
  }

  /** Per categorical feature. */
  async codes(): Promise<CodeCounts[]> {
    const { examples, exampleValues } = this.files;
    const counters = countersOf(exampleValues.dictionaries, this.rows.length);
    if (counters.length === 0) return [];
    for (const block of blocksOf(this.rows)) {
      const found = await examples.rows(block);
      counters.forEach(({ counts }, c) => {
        for (const code of exampleValues.codes(c, found, block.length))
          counts[code] = (counts[code] ?? 0) + 1;
      });
    }
    return counters;
  }

  private async read(first: number): Promise<{ first: number; columns: Float32Array[] }> {
    const { examples, exampleValues } = this.files;
    const held = Math.min(this.columnsHeld, exampleValues.numericCount - first);
    const columns = Array.from({ length: held }, () => new Float32Array(this.sampled.length));
    let at = 0;
    for (const block of blocksOf(this.sampled)) {
      const found = await examples.rows(block);
      columns.forEach((values, c) => {
        const own = exampleValues.numbers(first + c, found, block.length);
        if (own) values.set(own, at);
      });
      at += block.length;
    }
    return { first, columns };
  }
}

/** The events in at least one history of some examples, each counted once. */
export interface EventSample {
  /** Per numeric field; empty for elapsed. */
  readonly numbers: readonly Float32Array[];
  readonly codes: readonly CodeCounts[];
  /** Seconds from event to moment, for every pair of an example and an event in its history. */
  readonly elapsed: Float32Array;
}

/** @param rows ascending, so that histories are, too */
export async function sampleEvents(store: ExampleStore, rows: Int32Array): Promise<EventSample> {
  const { events, eventValues } = store.files;
  const totals = { events: 0, pairs: 0 };
  for await (const { lengths, fresh } of histories(store, rows)) {
    totals.events += sum(fresh);
    totals.pairs += sum(lengths);
  }
  const stride = { events: strideOf(totals.events), pairs: strideOf(totals.pairs) };
  const numbers = Array.from(
    { length: eventValues.numericCount },
    () => new Float32Array(Math.ceil(totals.events / stride.events)),
  );
  const elapsed = new Float32Array(Math.ceil(totals.pairs / stride.pairs));
  const codes = countersOf(eventValues.dictionaries, totals.events);
  const hasMoments = store.hasEvents;
  let event = 0;
  let pair = 0;
  for await (const { block, ends, lengths, fresh } of histories(store, rows)) {
    const firsts = ends.map((end, n) => end - (lengths[n] ?? 0));
    const found = await events.ranges(firsts, lengths);
    const count = sum(lengths);
    const at = hasMoments ? momentsOf(found, count) : null;
    for (let n = 0, own = 0; n < block.length; n++) {
      const moment = store.at?.[block[n] ?? 0] ?? NaN;
      for (const end = own + (lengths[n] ?? 0); own < end; own++, pair++)
        if (pair % stride.pairs === 0)
          elapsed[pair / stride.pairs] = elapsedSeconds(at?.[own] ?? NaN, moment);
    }
    const unseen = unseenIn(lengths, fresh);
    codes.forEach(({ counts }, k) => {
      const own = eventValues.codes(k, found, count);
      for (let index = 0; index < unseen.length; index++) {
        const code = own[unseen[index] ?? 0] ?? 0;
        counts[code] = (counts[code] ?? 0) + 1;
      }
    });
    const skipped = (stride.events - (event % stride.events)) % stride.events;
    numbers.forEach((values, s) => {
      const own = eventValues.numbers(s, found, count);
      let to = (event + skipped) / stride.events;
      for (let index = skipped; index < unseen.length; index += stride.events)
        values[to++] = own?.[unseen[index] ?? 0] ?? NaN;
    });
    event += unseen.length;
  }
  return { numbers, codes, elapsed };
}

/** The places of events that no earlier history has, among those of all histories of a block. */
function unseenIn(lengths: Int32Array, fresh: Int32Array): Int32Array {
  const places = new Int32Array(sum(fresh));
  let end = 0;
  let count = 0;
  for (let n = 0; n < lengths.length; n++) {
    end += lengths[n] ?? 0;
    for (let own = end - (fresh[n] ?? 0); own < end; own++) places[count++] = own;
  }
  return places;
}

export interface HistoryBlock {
  readonly block: Int32Array;
  readonly ends: Int32Array;
  readonly lengths: Int32Array;
  /** How many of each history's events, its last, no earlier one has. */
  readonly fresh: Int32Array;
}

/** Examples are by subject and time, so that histories neither begin nor end before those of earlier ones. */
export async function* histories(store: ExampleStore, rows: Int32Array): AsyncGenerator<HistoryBlock> {
  let seenUntil = 0;
  for (const block of blocksOf(rows)) {
    const { ends, lengths } = await store.historiesOf(block);
    const fresh = ends.map((end, n) => {
      const first = Math.max(end - (lengths[n] ?? 0), seenUntil);
      seenUntil = Math.max(seenUntil, end);
      return Math.max(end - first, 0);
    });
    yield { block, ends, lengths, fresh };
  }
}

const strideOf = (count: number): number => Math.max(1, Math.ceil(count / MAX_FIT_VALUES));

const sum = (values: Int32Array): number => values.reduce((total, value) => total + value, 0);

const countersOf = (dictionaries: ReadonlyArray<readonly string[]>, rows: number): CodeCounts[] =>
  dictionaries.map((dictionary) => ({ counts: new Int32Array(dictionary.length), rows, dictionary }));
