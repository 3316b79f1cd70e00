import { availableParallelism, tmpdir } from 'node:os';
import { type FeatureSpec } from '../features/feature-spec';
import { type CsvInspection } from './csv-inspection';
import { type DuckDbSession } from './duckdb-session';
import { checkLabels } from './label-values';
import { loadRows } from './loaded-rows';
import { markMoments, momentColumns } from './mark-moments';
import { type ColumnSketch, sketchColumns } from './mapping/column-sketch';
import { type OpenCsvOptions, type OpenedCsv, withOpenCsv } from './open-csv';
import { shownQuarantine } from './profile/withhold';
import { QuarantineLog } from './quarantine';

export type { ColumnType, CsvInspection, Quarantine, QuarantinedRow } from './csv-inspection';

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
  return withOpenCsv({ ...options, path, spec, workDirectory, threads }, async (csv) =>
    inspectMatched(csv, spec, await sketchColumns(csv.session, csv.scan)),
  );
}

/** What a file holds that was matched with a spec. */
export async function inspectMatched(
  csv: OpenedCsv,
  spec: FeatureSpec,
  sketches: readonly ColumnSketch[],
  { mayBeMended = false }: { readonly mayBeMended?: boolean } = {},
): Promise<CsvInspection> {
  const { scan, session } = csv;
  // Rows of an entity are compared with each other.
  const others = csv.typed.conflict === null ? momentColumns(spec) : ['subject', 'content'];
  const columns = ['bad, bad_value, moment, label_event, label, ms', ...others].join(', ');
  const loaded = await loadRows(session, csv, columns, { mayBeMended });
  await markMoments(session, spec, null);
  // Of rows that are yet to be mended, nothing is known.
  const isMost = loaded.quarantined * 2 > loaded.rowCount;
  const labels = isMost ? { rate: null, moments: 0 } : await checkLabels(session, spec, csv);
  return {
    columns: sketches.map(({ name, type }) => ({ name, type })),
    format: scan.format,
    rowCount: loaded.rowCount,
    quarantined: shownQuarantine(spec, QuarantineLog.merge([scan.quarantine, loaded.quarantine])),
    labelRate: labels.rate,
    momentCount: labels.moments,
    timeRange: await timeRange(session),
    endsInsideRow: scan.endsInsideRow,
  };
}

async function timeRange(session: DuckDbSession): Promise<CsvInspection['timeRange']> {
  const [range] = await session.rows('SELECT min(ms), max(ms) FROM rows WHERE bad IS NULL');
  const [from, to] = range ?? [];
  return typeof from === 'number' && typeof to === 'number'
    ? { from: new Date(from), to: new Date(to) }
    : null;
}
