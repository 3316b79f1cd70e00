import { Decompress } from 'fzstd';
import { XxHash64 } from './xx-hash-64';

const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
/** Larger windows need as much memory; the limit is the one of the zstd command without `--long`. */
const MAX_WINDOW_BYTES = 1 << 27;
const MAX_HEADER_BYTES = 18;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RLE_BLOCK = 1;

/**
 * Decompresses a zstd stream of any number of frames, block by block, so that no input makes more than 2 MiB at once.
 *
 * The frames are walked over here, because the decoder takes any window size for its memory, and passes over checksums.
 * Source: RFC 8878, sections 3.1.1 and 3.1.2.
 * @throws Error when the stream is cut (`unexpected end of file`), damaged, or wants too much memory
 */
export async function* unzstd(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const input = new Input(source);
  while (!(await input.isAtEnd())) {
    const magic = (await input.peek(4)).readUInt32LE(0);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      await input.take(4);
      await input.skip((await input.take(4)).readUInt32LE(0));
    } else if (magic === FRAME) yield* frame(input);
    else throw new Error('no zstd frame begins where one must');
  }
}

async function* frame(input: Input): AsyncGenerator<Buffer> {
  const { headerBytes, hasChecksum } = readHeader(await input.upTo(MAX_HEADER_BYTES));
  let output: Buffer[] = [];
  const decoder = new Decompress((bytes) =>
    output.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)),
  );
  const push = (bytes: Buffer, isLast: boolean) => {
    try {
      decoder.push(bytes, isLast);
    } catch (cause) {
      // Whole blocks are pushed: whatever the decoder trips over, it is their content.
      throw new Error('its content is damaged', { cause });
    }
  };
  push(await input.take(headerBytes), false);
  const hash = new XxHash64();
  for (let isLast = false; !isLast;) {
    const header = (await input.peek(BLOCK_HEADER_BYTES)).readUIntLE(0, BLOCK_HEADER_BYTES);
    isLast = (header & 1) === 1;
    const isChecked = isLast && hasChecksum;
    const size = ((header >> 1) & 3) === RLE_BLOCK ? 1 : header >> 3;
    const block = await input.take(BLOCK_HEADER_BYTES + size + (isChecked ? CHECKSUM_BYTES : 0));
    push(block, isLast);
    if (hasChecksum) for (const bytes of output) hash.update(bytes);
    if (isChecked && block.readUInt32LE(block.length - CHECKSUM_BYTES) !== hash.digestLow())
      throw new Error('its content has another checksum');
    yield* output;
    output = [];
  }
}

/** @param bytes the frame's first bytes, as far as there are any */
function readHeader(bytes: Buffer): { headerBytes: number; hasChecksum: boolean } {
  const descriptor = bytes[4] ?? 0;
  const isSingleSegment = ((descriptor >> 5) & 1) === 1;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeCode = descriptor >> 6;
  const sizeBytes = sizeCode === 0 ? Number(isSingleSegment) : 1 << sizeCode;
  const sizeAt = (isSingleSegment ? 5 : 6) + dictionaryBytes;
  const headerBytes = sizeAt + sizeBytes;
  if (bytes.length < headerBytes) throw cut();
  if (bytes.subarray(sizeAt - dictionaryBytes, sizeAt).some((byte) => byte !== 0))
    throw new Error('it was compressed with a dictionary');
  const windowBytes = isSingleSegment ? contentSize(bytes, sizeAt, sizeBytes) : windowSize(bytes[5] ?? 0);
  if (windowBytes > MAX_WINDOW_BYTES)
    throw new Error('its window is larger than 128 MiB: compress it without --long');
  return { headerBytes, hasChecksum: ((descriptor >> 2) & 1) === 1 };
}

function contentSize(bytes: Buffer, at: number, length: number): number {
  if (length === 8) return Number(bytes.readBigUInt64LE(at));
  return bytes.readUIntLE(at, length) + (length === 2 ? 256 : 0);
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

const cut = (): Error => new Error('unexpected end of file');

/** Bytes of a stream, taken in pieces of the reader's choice. */
class Input {
  private readonly chunks: AsyncIterator<Buffer>;
  private held: Buffer = Buffer.alloc(0);
  private ended = false;

  constructor(source: AsyncIterable<Buffer>) {
    this.chunks = source[Symbol.asyncIterator]();
  }

  async isAtEnd(): Promise<boolean> {
    return (await this.upTo(1)).length === 0;
  }

  /** The next bytes, fewer only where the stream ends before; they stay. */
  async upTo(length: number): Promise<Buffer> {
    const parts = [this.held];
    let bytes = this.held.length;
    while (bytes < length && !this.ended) {
      const next = await this.chunks.next();
      this.ended = next.done === true;
      if (next.done === true) break;
      parts.push(next.value);
      bytes += next.value.length;
    }
    if (parts.length > 1) this.held = Buffer.concat(parts);
    return this.held.subarray(0, length);
  }

  async peek(length: number): Promise<Buffer> {
    const bytes = await this.upTo(length);
    if (bytes.length < length) throw cut();
    return bytes;
  }

  async take(length: number): Promise<Buffer> {
    const bytes = await this.peek(length);
    this.held = this.held.subarray(length);
    return bytes;
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0;) left -= (await this.take(Math.min(left, 1 << 16))).length;
  }
}
