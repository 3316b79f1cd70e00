import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';

const LF = 10;
const QUOTE = 34;

/** Consecutive records that were written with so many fields. */
export interface RecordSpan {
  readonly fields: number;
  records: number;
}

/**
 * Gives comma-separated records, each of which may lack fields at its end, as many as the longest have: the last ones. A
 * record may even be empty, which of one field would be a blank line, and becomes a quoted field. The file is moved, or
 * where records have to change, copied.
 */
export async function completeRecords({
  from,
  to,
  spans,
  signal,
}: {
  readonly from: string;
  readonly to: string;
  readonly spans: readonly RecordSpan[];
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const fields = spans.at(-1)?.fields ?? 0;
  if (spans.length === 1 && fields > 1) {
    await rename(from, to);
    return;
  }
  const ends = spans.map(({ fields: own }) => Buffer.from(`${','.repeat(fields - Math.max(1, own))}\n`));
  const emptyRecord = Buffer.from(fields === 1 ? '""' : '');
  const file = await open(to, 'wx', 0o600);
  try {
    let span = 0;
    let done = 0;
    let isQuoted = false;
    let isEmpty = true;
    for await (const chunk of createReadStream(from) as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      const parts: Buffer[] = [];
      let start = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at];
        if (byte === QUOTE) isQuoted = !isQuoted;
        if (byte !== LF || isQuoted) {
          isEmpty = false;
          continue;
        }
        if (done === spans[span]?.records) {
          span += 1;
          done = 0;
        }
        parts.push(chunk.subarray(start, at), ...(isEmpty ? [emptyRecord] : []), ends[span] ?? Buffer.of(LF));
        done += 1;
        start = at + 1;
        isEmpty = true;
      }
      parts.push(chunk.subarray(start));
      await file.appendFile(Buffer.concat(parts));
    }
  } finally {
    await file.close();
  }
  await rm(from);
}
