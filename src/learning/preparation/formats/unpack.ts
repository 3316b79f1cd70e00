import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { AppError, messageOf, systemCodeOf } from '../../../errors';
import { type Compression } from './file-format';
import { unzstd } from './unzstd';

const MAGIC = {
  GZIP: Buffer.of(0x1f, 0x8b),
  ZSTD: Buffer.of(0x28, 0xb5, 0x2f, 0xfd),
} as const;
/** zstd's skippable frames begin with one of 16 numbers, of which this is the upper part. */
const SKIPPABLE = Buffer.of(0x2a, 0x4d, 0x18);
const NAMES = { GZIP: 'gzip', ZSTD: 'zstd' } as const;

/** What the first bytes say of a file's compression. */
export function compressionOf(head: Uint8Array): Compression {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 4));
  if (bytes.subarray(0, 2).equals(MAGIC.GZIP)) return 'GZIP';
  const isSkippable = bytes.subarray(1).equals(SKIPPABLE) && (head[0] ?? 0) >> 4 === 5;
  return bytes.equals(MAGIC.ZSTD) || isSkippable ? 'ZSTD' : 'NONE';
}

export interface UnpackOptions {
  readonly from: string;
  readonly to: string;
  readonly compression: Exclude<Compression, 'NONE'>;
  /** The most bytes that the content may have. */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decompresses a file to another, in constant memory.
 * @throws AppError INVALID_DATA when it is cut or damaged; PAYLOAD_TOO_LARGE when its content is
 */
export async function unpack(options: UnpackOptions): Promise<void> {
  const { compression, maxBytes = Infinity } = options;
  const file = await open(options.to, 'wx', 0o600);
  try {
    let bytes = 0;
    for await (const chunk of decompressed(options)) {
      options.signal?.throwIfAborted();
      bytes += chunk.length;
      if (bytes > maxBytes)
        throw new AppError(
          'PAYLOAD_TOO_LARGE',
          `The ${NAMES[compression]} file unpacks to more than ${maxBytes} bytes, the most that a dataset may have.`,
        );
      await file.appendFile(chunk);
    }
  } finally {
    await file.close();
  }
}

async function* decompressed({ from, compression }: UnpackOptions): AsyncGenerator<Buffer> {
  try {
    const source = createReadStream(from) as AsyncIterable<Buffer>;
    yield* compression === 'GZIP' ? gunzip(from) : unzstd(source);
  } catch (error) {
    // The file system's own errors have codes that begin with E.
    if (systemCodeOf(error).startsWith('E')) throw error;
    throw unreadable(NAMES[compression], messageOf(error));
  }
}

async function* gunzip(from: string): AsyncGenerator<Buffer> {
  const source = createReadStream(from);
  const gunzip = createGunzip();
  source.once('error', (error) => gunzip.destroy(error)).pipe(gunzip);
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } finally {
    source.destroy();
  }
  const { size } = await stat(from);
  if (gunzip.bytesWritten < size) throw new Error('something else follows its content');
}

function unreadable(name: string, message: string): AppError {
  return new AppError(
    'INVALID_DATA',
    /unexpected (end of file|EOF)/i.test(message)
      ? `The ${name} file is cut: it ends before its content does. Send the whole file.`
      : `The ${name} file cannot be unpacked: ${message}.`,
  );
}
