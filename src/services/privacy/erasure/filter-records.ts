import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fieldsOf, RecordParser } from '../../../learning/preparation/csv-record';

const COMMA = ','.charCodeAt(0);
const BLOCK_BYTES = 1 << 18;

/**
 * Writes a CSV file that the platform wrote without some of its records; all others are copied as they are.
 * @returns how many were left out
 */
export async function filterRecords(
  source: string,
  target: string,
  isDropped: (fields: readonly string[]) => boolean,
): Promise<number> {
  const counter = { dropped: 0 };
  await pipeline(
    recordsWithout(source, isDropped, counter),
    createWriteStream(target, { flags: 'wx', mode: 0o600 }),
  );
  return counter.dropped;
}

/** The records that are kept, the header first, in blocks. */
export async function* recordsWithout(
  source: string,
  isDropped: (fields: readonly string[]) => boolean,
  counter: { dropped: number },
): AsyncGenerator<Buffer> {
  const parser = new RecordParser(COMMA, false);
  let isHeader = true;
  let rest: Buffer = Buffer.alloc(0);
  const read = (bytes: Buffer, atEnd: boolean): Buffer[] => {
    const kept: Buffer[] = [];
    let start = 0;
    while (start < bytes.length && parser.parse(bytes, start, bytes.length, atEnd)) {
      const record = bytes.subarray(start, parser.end);
      const isKept = isHeader || !isDropped(fieldsOf(bytes.toString('utf8', start, parser.contentEnd), ','));
      isHeader = false;
      if (isKept) kept.push(record);
      else counter.dropped += 1;
      start = parser.end;
    }
    rest = bytes.subarray(start);
    return kept;
  };
  for await (const chunk of createReadStream(source, { highWaterMark: BLOCK_BYTES }) as AsyncIterable<Buffer>)
    yield Buffer.concat(read(Buffer.concat([rest, chunk]), false));
  yield Buffer.concat(read(rest, true));
}
