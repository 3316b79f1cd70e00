import { createReadStream } from 'node:fs';
import { fieldsOf, RecordParser } from '../../learning/preparation/csv-record';

const COMMA = ','.charCodeAt(0);
const BLOCK_BYTES = 1 << 18;

/** Fields of a record of held-out predictions; the features follow. */
export const FIELDS = { part: 0, id: 1, label: 2, probability: 3, subject: 4, firstFeature: 5 } as const;

/** A file of held-out predictions. Older ones end with the probability. */
export interface HeldOutHeader {
  /** By their position after the first five fields. */
  readonly features: readonly string[];
}

/** Reads the test part of a file of held-out predictions, as {@link readHeldOut} does. */
export async function readTestPart(
  path: string,
  begin: (header: HeldOutHeader) => (fields: readonly string[]) => void,
): Promise<void> {
  await readHeldOut(path, (header) => {
    const each = begin(header);
    return (fields) => {
      if (fields[FIELDS.part] === 'test') each(fields);
    };
  });
}

/**
 * Reads a file of held-out predictions, block by block, so that the event loop goes on meanwhile.
 *
 * @param begin told of the header; returns what is told of each record
 */
export async function readHeldOut(
  path: string,
  begin: (header: HeldOutHeader) => (fields: readonly string[]) => void,
): Promise<void> {
  const parser = new RecordParser(COMMA, false);
  let each: ((fields: readonly string[]) => void) | null = null;
  const read = (bytes: Buffer, atEnd: boolean): Buffer => {
    let start = 0;
    while (start < bytes.length && parser.parse(bytes, start, bytes.length, atEnd)) {
      const fields = fieldsOf(bytes.toString('utf8', start, parser.contentEnd), ',');
      start = parser.end;
      if (each === null) each = begin({ features: fields.slice(FIELDS.firstFeature) });
      else each(fields);
    }
    return bytes.subarray(start);
  };
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: BLOCK_BYTES }) as AsyncIterable<Buffer>) {
    rest = read(Buffer.concat([rest, chunk]), false);
  }
  read(rest, true);
}
