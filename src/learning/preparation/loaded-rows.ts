import { AppError } from '../../errors';
import { TIME_FORMATS } from '../features/time-formats';
import { timeSql } from './cleaning/time-formats';
import { type CsvScan } from './csv-scan';
import { type DuckDbSession } from './duckdb-session';
import { parquetTexts } from './formats/parquet';
import { QuarantineLog } from './quarantine';
import { readLines } from './read-lines';
import { type TypedRows } from './typed-rows';

/** A file whose larger part cannot be read is the wrong file, or the wrong spec. */
const MAX_QUARANTINED_SHARE = 0.5;

/** What became of the file in DuckDB: the table `rows`, in file order, whose `bad` rows are quarantined. */
export interface LoadedRows {
  /** Records after the header, quarantined ones included. */
  readonly rowCount: number;
  readonly quarantined: number;
  /** Rows with unusable values, in line order. */
  readonly quarantine: QuarantineLog;
}

/**
 * Creates the table `rows` from a scanned file.
 * @param columns which of the typed columns to keep, of an entity with `subject`, `ms` and `content`; `*` for all
 * @param options with `mayBeMended`: rows do not count as unreadable whose moments can be read in a known format
 * @throws AppError INVALID_DATA when more than half of the rows, or of a column's values, cannot be read.
 */
export async function loadRows(
  session: DuckDbSession,
  source: { path: string; scan: CsvScan; typed: TypedRows },
  columns: string,
  { mayBeMended = false }: { readonly mayBeMended?: boolean } = {},
): Promise<LoadedRows> {
  const { scan, typed } = source;
  await session.run(`CREATE TABLE rows AS SELECT ${columns} FROM (${typed.sql}) ${typed.order}`, [
    scan.readPath,
  ]);
  if (typed.conflict !== null) await markConflicts(session, typed.conflict);
  const [counts] = await session.rows('SELECT count(*)::DOUBLE, count(bad)::DOUBLE FROM rows');
  const records = Number(counts?.[0]);
  if (records !== scan.records)
    throw new AppError(
      'INVALID_DATA',
      `The file can be read in two ways, as ${scan.records} or as ${records} rows: quote its fields as RFC 4180 says.`,
    );

  const quarantine = await quarantineValues(session, source, Number(counts?.[1]));
  const rowCount = records + scan.quarantine.count;
  const quarantined = scan.quarantine.count + quarantine.count;
  if (quarantined > rowCount * MAX_QUARANTINED_SHARE) {
    const mendable = await countMendable(session, typed);
    if (!mayBeMended || quarantined - mendable > rowCount * MAX_QUARANTINED_SHARE)
      await refuse(session, source, { rowCount, quarantined, quarantine, mendable });
  }
  return { rowCount, quarantined, quarantine };
}

/** Of an entity: an id with different rows of one moment has none that can be believed. */
async function markConflicts(session: DuckDbSession, code: number): Promise<void> {
  await session.run(
    `UPDATE rows SET bad = ${code}, bad_value = left(rows.subject, 80)
     FROM (SELECT subject, ms FROM rows WHERE bad IS NULL GROUP BY subject, ms HAVING min(content) <> max(content)) twice
     WHERE rows.bad IS NULL AND rows.subject = twice.subject AND rows.ms IS NOT DISTINCT FROM twice.ms`,
  );
}

/** Rows that are quarantined for a moment that a known format reads. */
async function countMendable(session: DuckDbSession, { checks }: TypedRows): Promise<number> {
  const codes = checks.flatMap(({ isMoment }, code) => (isMoment ? [code] : []));
  if (codes.length === 0) return 0;
  const [row] = await session.rows(
    `SELECT count(*)::DOUBLE FROM rows WHERE bad IN (${codes.join(', ')}) AND ${timeSql('bad_value', TIME_FORMATS)} IS NOT NULL`,
  );
  return Number(row?.[0]);
}

async function quarantineValues(
  session: DuckDbSession,
  { path, scan, typed }: { path: string; scan: CsvScan; typed: TypedRows },
  count: number,
): Promise<QuarantineLog> {
  const log = new QuarantineLog();
  if (count === 0) return log;
  const found = await session.rows(
    'SELECT rowid::DOUBLE, bad, bad_value FROM rows WHERE bad IS NOT NULL ORDER BY rowid LIMIT 100',
  );
  const bad = found.map(([record, code, value]) => ({
    record: Number(record),
    line: scan.lines.lineOf(Number(record)),
    reason: typed.checks[Number(code)]?.reason(typeof value === 'string' ? value : null) ?? '',
  }));
  const texts = scan.dialect.parquet
    ? await parquetTexts(
        session,
        scan,
        bad.map(({ record }) => record),
      )
    : await readLines(
        path,
        bad.map(({ line }) => line),
        scan.dialect.loneCarriageReturn,
      );
  bad.forEach(({ line, reason }, index) => log.add(line, reason, texts[index] ?? ''));
  log.addUnseen(count - bad.length);
  return log;
}

async function refuse(
  session: DuckDbSession,
  { scan, typed }: { scan: CsvScan; typed: TypedRows },
  loaded: LoadedRows & { readonly mendable: number },
): Promise<never> {
  const perCheck = await session.rows(
    'SELECT bad, count(*)::DOUBLE AS n FROM rows WHERE bad IS NOT NULL GROUP BY bad ORDER BY n DESC LIMIT 1',
  );
  const [code, worst] = perCheck[0] ?? [];
  const column = typed.checks[Number(code)]?.column.name;
  const sample = QuarantineLog.merge([scan.quarantine, loaded.quarantine]).sample;
  const cause =
    column != null && Number(worst) >= scan.quarantine.count
      ? `mostly for the column ${column} (${Number(worst)} rows)`
      : `mostly for how its lines are written (${scan.quarantine.count} lines)`;
  const first = sample[0];
  const place = scan.dialect.parquet ? 'record' : 'line';
  throw new AppError(
    'INVALID_DATA',
    `${loaded.quarantined} of ${loaded.rowCount} rows cannot be used, ${cause}.` +
      (first ? ` The first: ${place} ${first.line}, ${first.reason}.` : '') +
      (loaded.mendable > 0
        ? ` Of ${loaded.mendable} rows the moment can be read if you accept how: see the dataset's cleaning proposals.`
        : ' Correct the file, or the feature spec.'),
    sample.slice(0, 20).map(({ line, reason }) => ({ path: `${place} ${line}`, message: reason })),
  );
}
