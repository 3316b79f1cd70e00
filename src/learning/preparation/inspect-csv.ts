import { availableParallelism, tmpdir } from 'node:os';
import { type FeatureSpec } from '../features/feature-spec';
import { type ColumnType, type CsvInspection } from './csv-inspection';
import { type CsvScan } from './csv-scan';
import { type DuckDbSession } from './duckdb-session';
import { checkLabels } from './label-values';
import { loadRows } from './loaded-rows';
import { type OpenCsvOptions, withOpenCsv } from './open-csv';
import { QuarantineLog } from './quarantine';
import { readCsvSql } from './typed-rows';

export type { ColumnType, CsvInspection, Quarantine, QuarantinedRow } from './csv-inspection';

/** Rows by which a column's type is judged. */
const TYPE_SAMPLE_ROWS = 10_000;

/**
 * Says what a file holds and whether it can be trained on. The work is done in DuckDB's threads and between reads, so
 * it may run where requests are served.
 *
 * @throws AppError INVALID_DATA when the file cannot be used as a whole: empty, not UTF-8 CSV, columns missing, labels
 *   that are not two classes, or more than half of the rows unreadable. The message says what and where.
 */
export async function inspectCsv(
  path: string,
  spec: FeatureSpec,
  options: Partial<Omit<OpenCsvOptions, 'path' | 'spec'>> = {},
): Promise<CsvInspection> {
  const workDirectory = options.workDirectory ?? tmpdir();
  // Half of the processors are left to those who ask for predictions.
  const threads = options.threads ?? Math.ceil(availableParallelism() / 2);
  return withOpenCsv({ ...options, path, spec, workDirectory, threads }, async (csv) => {
    const { scan, session } = csv;
    const loaded = await loadRows(session, csv, 'bad, bad_value, moment, label_event, label, ms');
    const labels = await checkLabels(session, spec, csv);
    return {
      columns: await columnTypes(session, scan),
      format: scan.format,
      rowCount: loaded.rowCount,
      quarantined: QuarantineLog.merge([scan.quarantine, loaded.quarantine]),
      labelRate: labels.rate,
      momentCount: labels.moments,
      timeRange: await timeRange(session),
      endsInsideRow: scan.endsInsideRow,
    };
  });
}

async function columnTypes(session: DuckDbSession, scan: CsvScan): Promise<CsvInspection['columns']> {
  const { header } = scan.dialect;
  // Per column: values given, and how many of them read as each type.
  const counts = header.map(
    (_, i) => `count(c${i})::DOUBLE, count(TRY_CAST(c${i} AS DOUBLE))::DOUBLE,
      count(*) FILTER (lower(c${i}) IN ('true', 'false', 'yes', 'no'))::DOUBLE,
      count(TRY_CAST(c${i} AS TIMESTAMPTZ))::DOUBLE`,
  );
  const [row = []] = await session.rows(
    `SELECT ${counts.join(', ')} FROM (SELECT * FROM ${readCsvSql(scan.dialect)} LIMIT ${TYPE_SAMPLE_ROWS})`,
    [scan.readPath],
  );
  return header.map((name, i) => {
    const [given = 0, numbers = 0, booleans = 0, moments = 0] = row.slice(i * 4, i * 4 + 4).map(Number);
    return { name, type: typeOf({ given, numbers, booleans, moments }) };
  });
}

/** A type is one that at least nine of ten values have, so that a few errors do not hide it. */
export function typeOf(counts: {
  given: number;
  numbers: number;
  booleans: number;
  moments: number;
}): ColumnType {
  const enough = counts.given * 0.9;
  if (counts.given === 0) return 'empty';
  if (counts.numbers >= enough) return 'numeric';
  if (counts.booleans >= enough) return 'boolean';
  return counts.moments >= enough ? 'moment' : 'categorical';
}

async function timeRange(session: DuckDbSession): Promise<CsvInspection['timeRange']> {
  const [range] = await session.rows('SELECT min(ms), max(ms) FROM rows WHERE bad IS NULL');
  const [from, to] = range ?? [];
  return typeof from === 'number' && typeof to === 'number'
    ? { from: new Date(from), to: new Date(to) }
    : null;
}
