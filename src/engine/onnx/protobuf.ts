/**
 * The part of protobuf's wire format that ONNX needs: varints, 32-bit floats and length-delimited fields.
 * Source: protobuf.dev, "Encoding".
 */
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** A field, encoded. Messages are concatenations of fields. */
export type Field = Uint8Array;

function varint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}

const tag = (field: number, wire: number): number[] => varint((field << 3) | wire);

export function integer(field: number, value: number | bigint): Field {
  return Uint8Array.from([...tag(field, VARINT), ...varint(value)]);
}

export function float(field: number, value: number): Field {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([Uint8Array.from(tag(field, FIXED32)), bytes]);
}

export function bytes(field: number, content: Uint8Array): Field {
  return Buffer.concat([Uint8Array.from([...tag(field, DELIMITED), ...varint(content.length)]), content]);
}

export function text(field: number, content: string): Field {
  return bytes(field, Buffer.from(content, 'utf8'));
}

export function message(field: number, content: readonly Field[]): Field {
  return bytes(field, Buffer.concat(content));
}

/** A field as it lies in a message. */
export interface RawField {
  readonly number: number;
  /** With its tag: a copy of the message is these, one after the other. */
  readonly whole: Field;
  /** Of a length-delimited field, what it holds; else empty. */
  readonly content: Uint8Array;
}

/** The fields of a message in order, so that some can be put in place of others and the rest stays as it is. */
export function fieldsOf(buffer: Uint8Array): RawField[] {
  const fields: RawField[] = [];
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = buffer[at];
      if (byte === undefined) throw new RangeError('the protobuf message is cut off');
      at += 1;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < buffer.length) {
    const from = at;
    const key = readVarint();
    const wire = key % 8;
    let length = wire === FIXED32 ? 4 : wire === FIXED64 ? 8 : 0;
    if (wire === VARINT) readVarint();
    else if (wire === DELIMITED) length = readVarint();
    else if (length === 0) throw new RangeError(`protobuf wire type ${wire} is not used by ONNX`);
    if (at + length > buffer.length) throw new RangeError('the protobuf message is cut off');
    const content = wire === DELIMITED ? buffer.subarray(at, at + length) : new Uint8Array();
    at += length;
    fields.push({ number: Math.floor(key / 8), whole: buffer.subarray(from, at), content });
  }
  return fields;
}

/** A decoded message: the occurrences of each field number, in order. */
export class Message {
  private readonly fields = new Map<number, (bigint | number | Uint8Array)[]>();

  constructor(private readonly buffer: Uint8Array) {
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    let at = 0;
    const readVarint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = buffer[at];
        if (byte === undefined) throw new RangeError('the protobuf message is cut off');
        at += 1;
        value |= BigInt(byte & 127) << shift;
        if (byte < 128) return value;
      }
    };
    while (at < buffer.length) {
      const key = Number(readVarint());
      const wire = key & 7;
      let value: bigint | number | Uint8Array;
      if (wire === VARINT) value = readVarint();
      else if (wire === FIXED32) {
        value = view.getFloat32(at, true);
        at += 4;
      } else if (wire === FIXED64) {
        value = view.getFloat64(at, true);
        at += 8;
      } else if (wire === DELIMITED) {
        const length = Number(readVarint());
        if (at + length > buffer.length) throw new RangeError('the protobuf message is cut off');
        value = buffer.subarray(at, at + length);
        at += length;
      } else throw new RangeError(`protobuf wire type ${wire} is not used by ONNX`);
      const occurrences = this.fields.get(key >>> 3);
      if (occurrences) occurrences.push(value);
      else this.fields.set(key >>> 3, [value]);
    }
  }

  /** Signed integers; packed lists are unpacked. */
  integers(field: number): bigint[] {
    return (this.fields.get(field) ?? []).flatMap((value) => {
      if (value instanceof Uint8Array) return new Message(prefixed(value)).integers(1);
      return [BigInt.asIntN(64, BigInt(value))];
    });
  }

  integer(field: number): number {
    return Number(this.integers(field).at(-1) ?? 0n);
  }

  floats(field: number): number[] {
    return (this.fields.get(field) ?? []).flatMap((value) => {
      if (!(value instanceof Uint8Array)) return [Number(value)];
      const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
      return Array.from({ length: value.length / 4 }, (_, index) => view.getFloat32(index * 4, true));
    });
  }

  bytes(field: number): Uint8Array[] {
    return (this.fields.get(field) ?? []).filter((value) => value instanceof Uint8Array);
  }

  texts(field: number): string[] {
    return this.bytes(field).map((value) => Buffer.from(value).toString('utf8'));
  }

  text(field: number): string {
    return this.texts(field).at(-1) ?? '';
  }

  messages(field: number): Message[] {
    return this.bytes(field).map((value) => new Message(value));
  }

  message(field: number): Message | null {
    return this.messages(field).at(-1) ?? null;
  }

  has(field: number): boolean {
    return this.fields.has(field);
  }

  get byteLength(): number {
    return this.buffer.length;
  }
}

/** A packed list of varints as repeated fields numbered 1. */
function prefixed(packed: Uint8Array): Uint8Array {
  const out: number[] = [];
  let start = true;
  for (const byte of packed) {
    if (start) out.push((1 << 3) | VARINT);
    out.push(byte);
    start = byte < 128;
  }
  return Uint8Array.from(out);
}
