import { DateTimeISO } from '../date-time';
import { type InputField, type InputFields, type InputLayout, type RowLayout } from './input-layout';
import { type JsonBytes, UNUSUAL } from './json-bytes';
import { type GivenRows } from '../../learning/features/given-examples';
import { RowBuffer } from './row-buffer';

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COLON = 0x3a;

/** Inputs of one type as rows. */
export interface ScannedRows {
  readonly count: number;
  readonly rows: GivenRows;
  /** Those of all inputs, one input after the other. */
  readonly events: GivenRows;
  /** Of each input, the first of its events: [count + 1]. */
  readonly eventsFrom: Int32Array;
  /** Of each input, whether it lists events, be it none: [count]. */
  readonly hasEvents: Uint8Array;
}

const scanners = new WeakMap<InputLayout, InputScanner>();

/** Inputs of a type from bytes, one or a list. @throws UNUSUAL */
export function scanInputs(json: JsonBytes, layout: InputLayout, how: 'one' | 'list'): ScannedRows {
  let scanner = scanners.get(layout);
  if (!scanner) scanners.set(layout, (scanner = new InputScanner(layout)));
  return scanner[how](json);
}

/** Reads inputs of a type from bytes into rows. What it holds is used again for the next request. */
class InputScanner {
  private readonly rows: RowBuffer;
  private readonly events: RowBuffer;
  private from = new Int32Array(16);
  private has = new Uint8Array(16);
  private count = 0;

  constructor(private readonly layout: InputLayout) {
    this.rows = new RowBuffer(layout);
    this.events = new RowBuffer(layout.events?.row ?? { numbers: 0, texts: 0 });
  }

  list(json: JsonBytes): ScannedRows {
    this.begin();
    json.expect(OPEN_LIST);
    if (!json.isEmpty(CLOSE_LIST)) {
      do {
        json.next();
        this.input(json);
      } while (json.another(CLOSE_LIST));
    }
    return this.result();
  }

  one(json: JsonBytes): ScannedRows {
    this.begin();
    json.next();
    this.input(json);
    return this.result();
  }

  private begin(): void {
    this.count = 0;
    this.rows.clear();
    this.events.clear();
  }

  private result(): ScannedRows {
    const count = this.count;
    const eventsFrom = this.from.slice(0, count + 1);
    eventsFrom[count] = this.events.count;
    return {
      count,
      rows: this.rows.take(),
      events: this.events.take(),
      eventsFrom,
      hasEvents: this.has.slice(0, count),
    };
  }

  private input(json: JsonBytes): void {
    const index = this.count++;
    if (this.count >= this.from.length) this.grow();
    this.from[index] = this.events.count;
    this.has[index] = 0;
    this.rows.add();
    this.object(json, this.layout.fields, this.rows);
  }

  private grow(): void {
    const [from, has] = [this.from, this.has];
    this.from = new Int32Array(2 * from.length);
    this.from.set(from);
    this.has = new Uint8Array(2 * has.length);
    this.has.set(has);
  }

  private object(json: JsonBytes, fields: InputFields, into: RowBuffer): void {
    json.expect(OPEN_OBJECT);
    if (json.isEmpty(CLOSE_OBJECT)) return;
    let seen = 0;
    let before = -1;
    do {
      json.next();
      const index = fieldAt(json, fields, before);
      const field = fields.list[index];
      const bit = 1 << index;
      // One that is unknown, or given twice.
      if (!field || (seen & bit) !== 0) throw UNUSUAL;
      seen |= bit;
      before = index;
      json.expect(COLON);
      json.next();
      if (!json.isNull()) this.value(json, field, into);
    } while (json.another(CLOSE_OBJECT));
  }

  private value(json: JsonBytes, { read, slot, group }: InputField, into: RowBuffer): void {
    switch (read) {
      case 'number':
        into.setNumber(slot, json.number());
        return;
      case 'text':
      case 'id':
        into.setText(slot, json.text());
        return;
      case 'moment':
        into.setNumber(slot, json.moment(momentOf));
        return;
      case 'boolean':
        into.setText(slot, json.boolean() ? 'true' : 'false');
        return;
      case 'group':
        if (group) this.object(json, group, into);
        return;
      case 'events':
        this.eventList(json);
        return;
      case 'nothing':
        json.expect(OPEN_LIST);
        if (!json.isEmpty(CLOSE_LIST)) throw UNUSUAL;
    }
  }

  private eventList(json: JsonBytes): void {
    const row: RowLayout | undefined = this.layout.events?.row;
    this.has[this.count - 1] = 1;
    json.expect(OPEN_LIST);
    if (!row || json.isEmpty(CLOSE_LIST)) return;
    do {
      json.next();
      this.events.add();
      this.object(json, row.fields, this.events);
    } while (json.another(CLOSE_LIST));
  }
}

/** The field whose name is next, which is passed over; -1 when there is none. */
function fieldAt(json: JsonBytes, { list, after }: InputFields, before: number): number {
  const likely = after[before + 1] ?? 0;
  if (list[likely] && json.isNext(list[likely].key)) return likely;
  const index = list.findIndex(({ key }) => json.isNext(key));
  if (index >= 0) after[before + 1] = index;
  return index;
}

/** Of a moment in another form than the usual. */
function momentOf(text: string): number {
  try {
    const ms = DateTimeISO.parseValue(text).getTime();
    if (!Number.isNaN(ms)) return ms;
  } catch {
    // It is no moment, which is for others to say.
  }
  throw UNUSUAL;
}
