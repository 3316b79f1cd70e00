import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../errors';

/** A file on its way in. */
export interface Upload {
  /** Begins to take the content; called once nothing speaks against it any more. */
  readonly open: () => Readable;
  /** What the sender announced; null when it did not. */
  readonly bytes: number | null;
  /** Lower-case hex, when the sender announced it. */
  readonly sha256: string | null;
}

export interface ReceiveOptions {
  readonly path: string;
  readonly maxBytes: number;
}

/**
 * Writes an upload to a file.
 *
 * @returns the content's digest, lower-case hex, and size
 * @throws AppError PAYLOAD_TOO_LARGE; INVALID_DATA when the upload ends early or its digest is another one;
 * UNAVAILABLE when the file cannot be written. What was written until then is the caller's to remove.
 */
export async function receiveUpload(
  { open, bytes: announced, sha256: expected }: Upload,
  { path, maxBytes }: ReceiveOptions,
): Promise<{ sha256: string; bytes: number }> {
  if (announced !== null && announced > maxBytes) throw tooLarge(maxBytes);
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      if (bytes > maxBytes) done(tooLarge(maxBytes));
      else done(null, chunk);
    },
  });
  const content = open();
  // Gone before anybody listened: nothing more would be heard of it.
  if (content.destroyed) throw endedEarly(bytes, announced);
  // Not part of the pipeline, which would destroy it on failure, and with it the connection that the answer takes.
  const onClose = (): void => {
    if (!content.readableEnded) meter.destroy(endedEarly(bytes, announced));
  };
  content.once('close', onClose).once('error', onClose).pipe(meter);
  try {
    await pipeline(meter, createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('UNAVAILABLE', 'The server could not store the upload: try again later.', [], {
      cause: error,
    });
  } finally {
    content.unpipe(meter);
    content.off('close', onClose);
  }
  if (announced !== null && announced !== bytes) throw endedEarly(bytes, announced);
  const sha256 = hash.digest('hex');
  if (expected !== null && expected !== sha256) {
    throw new AppError(
      'INVALID_DATA',
      `The upload's SHA-256 is ${sha256}, the request announced ${expected}: send the file again.`,
    );
  }
  return { sha256, bytes };
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', `A dataset may have ${maxBytes} bytes at most.`);
}

function endedEarly(bytes: number, announced: number | null): AppError {
  const of = announced === null ? '' : ` of ${announced}`;
  return new AppError(
    'INVALID_DATA',
    `The upload ended after ${bytes}${of} bytes, before it was complete: send the file again.`,
  );
}
