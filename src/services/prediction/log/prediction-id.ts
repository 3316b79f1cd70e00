import { randomBytes } from 'node:crypto';

/** The first and last moment that a UUIDv7 can have, in milliseconds. */
const LAST_MS = 2 ** 48 - 1;

/** A UUIDv7 (RFC 9562): ids sort by the millisecond in which they were made, and so grow at the end of an index. */
export function newPredictionId(nowMs = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return grouped(bytes.toString('hex'));
}

/** The least id that can be made at a moment: ids made before it are smaller, all others are not. */
export function firstIdAt(at: Date): string {
  const ms = Math.min(Math.max(at.getTime(), 0), LAST_MS);
  return grouped(`${ms.toString(16).padStart(12, '0')}70008000000000000000`);
}

/** When an id was made. */
export function momentOfId(id: string): Date {
  return new Date(parseInt(id.replace('-', '').slice(0, 12), 16));
}

function grouped(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
