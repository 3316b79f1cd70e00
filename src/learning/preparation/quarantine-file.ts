import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type QuarantinedRow } from './csv-inspection';
import { parquetBadTexts } from './formats/parquet';
import { type OpenedCsv } from './open-csv';
import { type RefusedRow, shorten } from './quarantine';
import { withholdRow } from './profile/withhold';
import { quarantineRecord, QUARANTINE_HEADER } from './quarantine-record';

const LF = 10;
const CR = 13;
const WRITE_BYTES = 1 << 16;
/** Longer lines are cut: to see what is wrong, nobody reads further. */
const MAX_TEXT = 16_384;
/** Reasons without their values are few. */
const MAX_REASONS = 500;

/** How many rows were set aside for a reason; a value in it is replaced by an ellipsis. */
export interface CountedReason {
  readonly reason: string;
  readonly count: number;
}

/**
 * Writes every quarantined row to a CSV file, by line: line, reason, text. The table `rows` must be there.
 *
 * @param isWithheld whether the texts are not to be shown
 * @returns the reasons, the most frequent first
 */
export async function writeQuarantine(
  csv: OpenedCsv,
  path: string,
  { isWithheld = false }: { readonly isWithheld?: boolean } = {},
): Promise<CountedReason[]> {
  const reasons = new Map<string, number>();
  const file = await open(path, 'w', 0o600);
  let pending = QUARANTINE_HEADER;
  try {
    for await (const row of quarantinedRows(csv)) {
      const group = row.reason.replace(/"(?:[^"\\]|\\.)*"/g, '"…"');
      if (reasons.has(group) || reasons.size < MAX_REASONS) reasons.set(group, (reasons.get(group) ?? 0) + 1);
      pending += quarantineRecord(isWithheld ? withholdRow(row) : row);
      if (pending.length >= WRITE_BYTES) {
        await file.appendFile(pending);
        pending = '';
      }
    }
    await file.appendFile(pending);
  } finally {
    await file.close();
  }
  return [...reasons]
    .map(([reason, count]) => ({ reason, count }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

async function* quarantinedRows(csv: OpenedCsv): AsyncGenerator<QuarantinedRow> {
  const { scan, session, typed, path } = csv;
  if (scan.dialect.parquet) {
    for await (const { record, bad, value, text } of parquetBadTexts(session, scan))
      yield {
        line: scan.lines.lineOf(record),
        reason: typed.checks[bad]?.reason(value) ?? '',
        text: shorten(text, MAX_TEXT),
      };
    return;
  }
  yield* withTexts(path, byLine(csv), scan.dialect.loneCarriageReturn);
}

/** What the scan set aside and what the checks did, in the order of the lines. */
async function* byLine({ scan, session, typed }: OpenedCsv): AsyncGenerator<RefusedRow> {
  const ofScan = scan.quarantine.refused();
  let next = ofScan.next();
  const sql = 'SELECT rowid::DOUBLE, bad::INTEGER, bad_value FROM rows WHERE bad >= 0 ORDER BY rowid';
  for await (const chunk of session.stream(sql)) {
    const [records, codes, values] = [0, 1, 2].map((column) => chunk.getColumnVector(column));
    for (let row = 0; row < chunk.rowCount; row++) {
      const value = values?.getItem(row);
      const check = typed.checks[Number(codes?.getItem(row))];
      const line = scan.lines.lineOf(Number(records?.getItem(row)));
      for (; next.done !== true && next.value.line < line; next = ofScan.next()) yield next.value;
      yield { line, reason: check?.reason(typeof value === 'string' ? value : null) ?? '' };
    }
  }
  for (; next.done !== true; next = ofScan.next()) yield next.value;
}

/** Adds the beginnings of the rows' lines, in one pass over the file. */
async function* withTexts(
  path: string,
  rows: AsyncGenerator<RefusedRow>,
  loneCarriageReturn: boolean,
): AsyncGenerator<QuarantinedRow> {
  const lineBreak = loneCarriageReturn ? CR : LF;
  let wanted = await rows.next();
  let line = 1;
  let parts: Buffer[] = [];
  let kept = 0;
  const text = (): string => {
    const whole = Buffer.concat(parts).toString('utf8').trimEnd();
    return shorten(whole, MAX_TEXT);
  };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length && wanted.done !== true;) {
      const found = chunk.indexOf(lineBreak, at);
      const end = found < 0 ? chunk.length : found;
      if (line === wanted.value.line && kept < 4 * MAX_TEXT) {
        parts.push(chunk.subarray(at, Math.min(end, at + 4 * MAX_TEXT)));
        kept += end - at;
      }
      if (found >= 0) {
        if (line === wanted.value.line) {
          yield { ...wanted.value, text: text() };
          wanted = await rows.next();
        }
        line += 1;
        parts = [];
        kept = 0;
      }
      at = end + 1;
    }
    if (wanted.done === true) return;
  }
  for (; wanted.done !== true; wanted = await rows.next())
    yield { ...wanted.value, text: wanted.value.line === line ? text() : '' };
}
