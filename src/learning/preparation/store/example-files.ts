import { type FeatureSpec } from '../../features/feature-spec';
import { CHUNK_ROWS, type PickedRows } from '../picked-rows';
import { type ResultLayout } from '../result-layout';
import { ByteFile } from './byte-file';
import { RowBuffer } from './row-buffer';
import { RowFile } from './row-file';
import { ValueRows } from './value-rows';

/** Words of an example's row before its values: where its id begins (a double), the id's bytes, and its history. */
const ID = 0;
const ID_BYTES = 2;
const END = 3;
const LENGTH = 4;
const EXAMPLE_WORDS = 5;
/** Of an event's row: its moment, a double. The steps of a TABLE's rows have none. */
const EVENT_WORDS = 2;
/** Ids that are near to each other are read in one go. */
const MAX_ID_SPAN = 1 << 20;

export interface FilesOptions {
  /** An existing folder for what does not fit into memory. */
  readonly folder: string;
  readonly memoryBytes: number;
}

/** Where the history of each of some examples is among all events: [end − length, end). */
export interface Histories {
  readonly ends: Int32Array;
  readonly lengths: Int32Array;
}

/**
 * Examples, their ids and all events as rows, in memory as far as it goes.
 *
 * An example is a row, so that reading some of many is a read each. So is an event: those of a subject are next to each
 * other in time order, and every history is a range of them, stored once however many examples see it.
 */
export class ExampleFiles {
  readonly examples: RowFile;
  readonly exampleValues: ValueRows;
  /** Only where the spec has a sequence. */
  readonly events: RowFile;
  readonly eventValues: ValueRows;
  private readonly ids: ByteFile;
  private readonly exampleBuffer: RowBuffer;
  private readonly eventBuffer: RowBuffer;
  /** Steps that a row of the file holds; 1 for EVENTS. */
  private readonly steps: number;

  constructor(spec: FeatureSpec, layout: ResultLayout, { folder, memoryBytes }: FilesOptions) {
    const share = (part: number) => ({ folder, memoryBytes: memoryBytes * part });
    this.exampleValues = new ValueRows(spec.features, layout, EXAMPLE_WORDS);
    const isTable = spec.shape === 'TABLE';
    this.steps = isTable ? (spec.sequence?.maxLength ?? 0) : 1;
    this.eventValues = new ValueRows(spec.sequence?.fields ?? [], layout, isTable ? 0 : EVENT_WORDS);
    this.examples = new RowFile(this.exampleValues.words, share(spec.sequence ? 0.4 : 0.9));
    this.events = new RowFile(this.eventValues.words, share(0.5));
    this.ids = new ByteFile(share(0.1));
    this.exampleBuffer = new RowBuffer(this.examples.words, CHUNK_ROWS);
    this.eventBuffer = new RowBuffer(this.events.words, CHUNK_ROWS * this.steps);
  }

  /** Appends the picked rows as examples. */
  addExamples(picked: PickedRows, ids: readonly string[], histories: Histories | null): void {
    const { words, ints, doubles } = this.exampleBuffer;
    const text = ids.join('');
    const bytes = Buffer.from(text);
    const isAscii = bytes.length === text.length;
    let from = this.ids.size;
    for (let row = 0, first = 0; row < picked.count; row++, first += words) {
      const id = ids[row] ?? '';
      const length = isAscii ? id.length : Buffer.byteLength(id);
      doubles[(first + ID) / 2] = from;
      ints[first + ID_BYTES] = length;
      ints[first + END] = histories?.ends[row] ?? 0;
      ints[first + LENGTH] = histories?.lengths[row] ?? 0;
      from += length;
    }
    this.ids.append(bytes);
    this.exampleValues.write(picked, this.exampleBuffer);
    this.examples.append(this.exampleBuffer, picked.count);
  }

  /**
   * Appends the picked rows as events.
   * @param ms the moment of each row of the chunk
   */
  addEvents(picked: PickedRows, ms: Float64Array): void {
    const { words, doubles } = this.eventBuffer;
    for (let row = 0; row < picked.count; row++)
      doubles[(row * words) / 2] = ms[picked.rows[row] ?? 0] ?? NaN;
    this.eventValues.write(picked, this.eventBuffer);
    this.events.append(this.eventBuffer, picked.count);
  }

  /**
   * Appends the steps of the picked rows.
   * @returns the history of each row: its steps from the first on that has any value.
   */
  addSteps(picked: PickedRows): Histories {
    const { eventBuffer, eventValues, events, steps } = this;
    const before = events.count;
    eventValues.write(picked, eventBuffer);
    events.append(eventBuffer, picked.count * steps);
    const ends = new Int32Array(picked.count).map((_, row) => before + (row + 1) * steps);
    const lengths = ends.map((_, row) => {
      let missing = 0;
      while (missing < steps && !eventValues.isGiven(row * steps + missing, eventBuffer)) missing += 1;
      return steps - missing;
    });
    return { ends, lengths };
  }

  idsOf(rows: Int32Array): string[] {
    const { words, ints, doubles } = this.examples.rowsNow(rows);
    const spans = Array.from(rows, (_, row) => {
      const from = doubles[(row * words + ID) / 2] ?? 0;
      return { from, until: from + (ints[row * words + ID_BYTES] ?? 0) };
    });
    const from = spans.reduce((least, span) => Math.min(least, span.from), Infinity);
    const until = spans.reduce((most, span) => Math.max(most, span.until), 0);
    if (until - from > MAX_ID_SPAN)
      return spans.map((span) => this.text(span.from, span.until).toString('utf8'));
    const texts = this.text(from, until);
    return spans.map((span) => texts.toString('utf8', span.from - from, span.until - from));
  }

  close(): void {
    this.examples.close();
    this.events.close();
    this.ids.close();
  }

  private text(from: number, until: number): Buffer {
    const text = Buffer.allocUnsafe(Math.max(until - from, 0));
    this.ids.read(from, text.length, text);
    return text;
  }
}

/** The histories in the rows of some examples. */
export function historiesOf({ words, ints }: RowBuffer, count: number): Histories {
  const ends = new Int32Array(count);
  const lengths = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    ends[row] = ints[row * words + END] ?? 0;
    lengths[row] = ints[row * words + LENGTH] ?? 0;
  }
  return { ends, lengths };
}

/** The moments of some events. */
export function momentsOf({ words, doubles }: RowBuffer, count: number): Float64Array {
  const moments = new Float64Array(count);
  for (let row = 0, at = 0; row < count; row++, at += words / 2) moments[row] = doubles[at] ?? NaN;
  return moments;
}
