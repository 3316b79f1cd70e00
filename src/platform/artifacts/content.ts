import { createHash, timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import { AppError } from '../../errors';
import { type PutOptions } from './object-store';

const SHA256 = /^[0-9a-f]{64}$/;
/** Segments that are plain words: no name leads out of its folder. */
const NAME = /^[A-Za-z0-9][\w.-]{0,127}(\/[A-Za-z0-9][\w.-]{0,127})*$/;
const DIGEST_BYTES = 32;

/** @returns all bytes of a stream, at once in memory */
export async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

/** The beginning of a stream, and ways to read the stream all the same. */
export interface Start {
  /** Fewer bytes than were asked for only where the stream has no more. */
  readonly first: Uint8Array;
  /** What comes after them. */
  readonly rest: () => AsyncGenerator<Uint8Array>;
  /** All of it. */
  readonly whole: () => AsyncGenerator<Uint8Array>;
  /** For whoever does not read on. */
  readonly close: () => Promise<void>;
}

/** Reads the beginning of a stream. */
export async function startOf(chunks: AsyncIterable<Uint8Array>, bytes: number): Promise<Start> {
  const iterator = chunks[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  for (let read = 0; read < bytes;) {
    const next = await iterator.next();
    if (next.done === true) break;
    parts.push(next.value);
    read += next.value.length;
  }
  const start = Buffer.concat(parts);
  const close = async (): Promise<void> => {
    await iterator.return?.();
  };
  async function* from(at: number): AsyncGenerator<Uint8Array> {
    try {
      if (start.length > at) yield start.subarray(at);
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value;
    } finally {
      await close();
    }
  }
  return { first: start.subarray(0, bytes), rest: () => from(bytes), whole: () => from(0), close };
}

/** Whether a text can be the address of an object. */
export function isAddress(text: string): boolean {
  return SHA256.test(text);
}

/** @throws AppError NOT_FOUND for what cannot be the address of anything */
export function assertAddress(text: string): void {
  if (!isAddress(text)) throw notFound(text);
}

/** @throws TypeError for what cannot be the name of an object */
export function assertName(name: string): void {
  if (!NAME.test(name)) throw new TypeError(`"${name}" cannot be an object's name`);
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Content on its way into a store: counted and digested as it passes. */
export class IncomingContent {
  bytes = 0;
  private readonly digest = createHash('sha256');
  private readonly source: Readable;

  constructor(
    content: Readable | Uint8Array,
    private readonly options: PutOptions,
  ) {
    this.source = content instanceof Readable ? content : Readable.from([content], { objectMode: false });
    // A stream that breaks before it is read would end the process; reading it reports the error as well.
    this.source.on('error', () => undefined);
  }

  /**
   * Passes the bytes on. The source is left open: it is its owner's to end.
   * @throws AppError PAYLOAD_TOO_LARGE as soon as they are too many
   */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const { maxBytes } = this.options;
    for await (const chunk of this.source.iterator({ destroyOnReturn: false })) {
      const bytes: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
      this.bytes += bytes.length;
      if (maxBytes !== undefined && this.bytes > maxBytes) {
        throw new AppError(
          'PAYLOAD_TOO_LARGE',
          `the content is larger than the limit of ${maxBytes} bytes: send less`,
        );
      }
      this.digest.update(bytes);
      yield bytes;
    }
  }

  /** Lets everything pass. */
  async drain(): Promise<void> {
    const chunks = this.chunks();
    while (!(await chunks.next()).done);
  }

  /**
   * The address of what has passed; to be called once, at the end.
   * @throws AppError INVALID_DATA when another was expected
   */
  address(): string {
    const sha256 = this.digest.digest('hex');
    const { expectedSha256 } = this.options;
    if (expectedSha256 !== undefined && expectedSha256 !== sha256) {
      throw new AppError(
        'INVALID_DATA',
        `the content's SHA-256 is ${sha256} and not ${expectedSha256}: it was damaged on the way, send it again`,
      );
    }
    return sha256;
  }
}

/** Passes bytes on and throws `damaged` at their end when they are not what the digest says. */
export async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  sha256: string,
  damaged: () => AppError,
): AsyncGenerator<Uint8Array> {
  const digest = createHash('sha256');
  for await (const chunk of chunks) {
    digest.update(chunk);
    yield chunk;
  }
  if (digest.digest('hex') !== sha256) throw damaged();
}

/** The digest that a named object is stored behind. */
export function digestOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

/** The content of a named object without its digest, or null when the two do not match. */
export function behindDigest(stored: Uint8Array): Uint8Array | null {
  if (stored.length < DIGEST_BYTES) return null;
  const bytes = stored.subarray(DIGEST_BYTES);
  return timingSafeEqual(digestOf(bytes), stored.subarray(0, DIGEST_BYTES)) ? bytes : null;
}

export function notFound(what: string): AppError {
  return new AppError('NOT_FOUND', `the object "${what}" is not stored`);
}
