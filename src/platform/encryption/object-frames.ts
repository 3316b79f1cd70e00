import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { KEY_BYTES } from './sealed';

/** No text begins with it, and no format of ours. Its last byte is the version of what follows. */
const MAGIC = Buffer.from([0x89, 0x50, 0x52, 0x4f, 0x50, 0x4e, 0x53, 0x01]);
const KEY_ID_BYTES = 16;
const SALT_BYTES = 32;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;
const COUNTER_BYTES = 6;
/** Content in one frame; only the last may have less. */
const FRAME_BYTES = 256 * 1024;

/** What a sealed object begins with. */
export const HEADER_BYTES = MAGIC.length + KEY_ID_BYTES + SALT_BYTES;

/** A tenant's data key. */
export interface ObjectKey {
  /** UUID. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Whose an object is and what it is called: it opens as that alone. */
export interface ObjectPlace {
  /** UUID. */
  readonly tenantId: string;
  readonly name: string;
}

export interface ObjectHeader {
  readonly keyId: string;
  readonly salt: Uint8Array;
}

/** What was sealed is not as it was sealed, or not where. */
export class BrokenFramesError extends Error {
  override readonly name = 'BrokenFramesError';
}

/** The header at the beginning of what is stored; null when that was stored in the clear. @throws BrokenFramesError when it is cut */
export function headerOf(start: Uint8Array): ObjectHeader | null {
  if (start.length < MAGIC.length || !MAGIC.equals(start.subarray(0, MAGIC.length))) return null;
  if (start.length < HEADER_BYTES) throw new BrokenFramesError('the header is cut');
  return {
    keyId: idOf(start.subarray(MAGIC.length, MAGIC.length + KEY_ID_BYTES)),
    salt: start.subarray(MAGIC.length + KEY_ID_BYTES, HEADER_BYTES),
  };
}

/**
 * Seals content as it passes: a header (magic, id of the key, salt), then frames, each AES-256-GCM of up to 256 KiB and its tag.
 *
 * Frames have a key of their own object, HKDF-SHA-256 of the tenant's with the salt, so that a counter is a safe nonce. The
 * additional data has the frame's number and whether it is the last; of the last also the object's name, which of content
 * is its digest and known only then.
 *
 * @param place its name is asked for once, when all content has passed
 */
export async function* sealFrames(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  key: ObjectKey,
  place: { readonly tenantId: string; readonly name: () => string },
): AsyncGenerator<Uint8Array> {
  const salt = randomBytes(SALT_BYTES);
  yield Buffer.concat([MAGIC, bytesOf(key.id), salt]);
  const frameKey = frameKeyOf(key, salt, place.tenantId);
  let number = 0;
  for await (const { bytes, isLast } of regrouped(chunks, FRAME_BYTES)) {
    const additional = additionalData(number, isLast ? place.name() : null);
    const cipher = createCipheriv('aes-256-gcm', frameKey, nonceOf(number)).setAAD(additional);
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    number += 1;
  }
}

/**
 * Opens what follows a header, as it passes. What has passed is content only when it ends without an error: until the last
 * frame, it may be that of another object.
 *
 * @throws BrokenFramesError when it was changed, cut, put in another order, or sealed for another place
 */
export async function* openFrames(
  frames: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  {
    key,
    header,
    place,
  }: { readonly key: ObjectKey; readonly header: ObjectHeader; readonly place: ObjectPlace },
): AsyncGenerator<Uint8Array> {
  if (key.id !== header.keyId) throw new BrokenFramesError('it was sealed with another key');
  const frameKey = frameKeyOf(key, header.salt, place.tenantId);
  let number = 0;
  for await (const { bytes, isLast } of regrouped(frames, FRAME_BYTES + TAG_BYTES)) {
    if (bytes.length < TAG_BYTES) throw new BrokenFramesError('the last frame is cut');
    const additional = additionalData(number, isLast ? place.name : null);
    yield openFrame(bytes, { frameKey, nonce: nonceOf(number), additional });
    number += 1;
  }
}

/** How long content is once it is sealed, in bytes. */
export function sealedBytes(bytes: number): number {
  return HEADER_BYTES + bytes + TAG_BYTES * Math.max(1, Math.ceil(bytes / FRAME_BYTES));
}

/** How long the content of so many sealed bytes is. */
export function contentBytes(sealed: number): number {
  const framed = Math.max(0, sealed - HEADER_BYTES);
  return Math.max(0, framed - TAG_BYTES * Math.ceil(framed / (FRAME_BYTES + TAG_BYTES)));
}

function openFrame(
  frame: Uint8Array,
  how: { readonly frameKey: Uint8Array; readonly nonce: Uint8Array; readonly additional: Uint8Array },
): Uint8Array {
  try {
    const decipher = createDecipheriv('aes-256-gcm', how.frameKey, how.nonce)
      .setAAD(how.additional)
      .setAuthTag(frame.subarray(-TAG_BYTES));
    const content = decipher.update(frame.subarray(0, -TAG_BYTES));
    decipher.final();
    return content;
  } catch (error) {
    throw new BrokenFramesError('a frame does not open', { cause: error });
  }
}

interface Group {
  /** Valid until the next is asked for. */
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** The same bytes in groups of one size; the last has what remains, nothing only where there is nothing at all. */
async function* regrouped(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
): AsyncGenerator<Group> {
  const group = Buffer.allocUnsafe(size);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      // A full group goes when more comes: only then is it known not to be the last.
      if (filled === size) {
        yield { bytes: group, isLast: false };
        filled = 0;
      }
      const taken = chunk.subarray(at, at + size - filled);
      group.set(taken, filled);
      filled += taken.length;
      at += taken.length;
    }
  }
  yield { bytes: group.subarray(0, filled), isLast: true };
}

function frameKeyOf({ id, bytes }: ObjectKey, salt: Uint8Array, tenantId: string): Uint8Array {
  return new Uint8Array(
    hkdfSync('sha256', bytes, salt, `object of ${tenantId} by ${id}, frames 1`, KEY_BYTES),
  );
}

function nonceOf(number: number): Uint8Array {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUIntBE(number, NONCE_BYTES - COUNTER_BYTES, COUNTER_BYTES);
  return nonce;
}

/** @param name of the last frame's object; null: it is not the last */
function additionalData(number: number, name: string | null): Uint8Array {
  const head = Buffer.alloc(COUNTER_BYTES + 1);
  head.writeUIntBE(number, 0, COUNTER_BYTES);
  head[COUNTER_BYTES] = name === null ? 0 : 1;
  return Buffer.concat([head, Buffer.from(name ?? '')]);
}

function bytesOf(id: string): Uint8Array {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

function idOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
