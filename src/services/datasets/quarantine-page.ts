import { type FileHandle, open } from 'node:fs/promises';
import { type QuarantinedRow } from '../../learning/preparation/csv-inspection';
import { QUARANTINE_HEADER, readQuarantineRecord } from '../../learning/preparation/quarantine-record';
import {
  checkPageSize,
  encodeCursor,
  type Page,
  type PageRequest,
  unknownCursor,
} from '../../platform/persistence/keyset';

const LF = 10;
const BLOCK_BYTES = 1 << 16;

/** A row with its place in the file, by which a page goes on. */
export interface PlacedRow extends QuarantinedRow {
  readonly id: string;
}

/**
 * One page of a file of quarantined rows, which is never changed: the cursor is where a row starts, so that the hundredth
 * page costs what the first does.
 * @throws AppError BAD_USER_INPUT for a page size out of bounds or an unknown cursor
 */
export async function quarantinePage(path: string, { first, after }: PageRequest): Promise<Page<PlacedRow>> {
  checkPageSize(first);
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = after == null ? Buffer.byteLength(QUARANTINE_HEADER) : await placeOf(file, after, size);
    const lines = await linesFrom(file, start, first + (after == null ? 1 : 2));
    // The row of the cursor itself was on the page before.
    const rows = after == null ? lines : lines.slice(1);
    const items = rows
      .slice(0, first)
      .map(({ at, text }) => ({ id: String(at), ...readQuarantineRecord(text) }));
    const last = items.at(-1);
    return { items, endCursor: last ? encodeCursor(last.id) : null, hasNextPage: rows.length > first };
  } finally {
    await file.close();
  }
}

async function placeOf(file: FileHandle, cursor: string, size: number): Promise<number> {
  const text = Buffer.from(cursor, 'base64url').toString();
  const at = Number(text);
  if (!/^\d{1,15}$/.test(text) || at < 1 || at >= size) throw unknownCursor();
  const before = Buffer.alloc(1);
  await file.read(before, 0, 1, at - 1);
  if (before[0] !== LF) throw unknownCursor();
  return at;
}

/** Some lines of a file; rows have no line breaks inside. */
async function linesFrom(
  file: FileHandle,
  start: number,
  count: number,
): Promise<{ readonly at: number; readonly text: string }[]> {
  const lines: { at: number; text: string }[] = [];
  let parts: Buffer[] = [];
  let lineStart = start;
  for (let position = start; lines.length < count;) {
    const block = Buffer.alloc(BLOCK_BYTES);
    const { bytesRead } = await file.read(block, 0, BLOCK_BYTES, position);
    if (bytesRead === 0) break;
    let at = 0;
    while (lines.length < count) {
      const found = block.subarray(0, bytesRead).indexOf(LF, at);
      if (found < 0) break;
      lines.push({
        at: lineStart,
        text: Buffer.concat([...parts, block.subarray(at, found)]).toString('utf8'),
      });
      parts = [];
      at = found + 1;
      lineStart = position + at;
    }
    parts.push(block.subarray(at, bytesRead));
    position += bytesRead;
  }
  return lines;
}
