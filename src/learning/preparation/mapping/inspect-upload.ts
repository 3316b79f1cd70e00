import { availableParallelism, tmpdir } from 'node:os';
import { AppError } from '../../../errors';
import { type FeatureSpec } from '../../features/feature-spec';
import { planColumns, wantedColumns } from '../column-plan';
import { type CsvInspection } from '../csv-inspection';
import { inspectMatched } from '../inspect-csv';
import {
  type MatchOptions,
  matchSpec,
  type OpenedFile,
  type OpenFileOptions,
  withOpenFile,
} from '../open-csv';
import { shownQuarantine } from '../profile/withhold';
import { QuarantineLog } from '../quarantine';
import { type ColumnSketch, sketchColumns } from './column-sketch';
import { confirmedMapping, resolveMapping, type ResolvedMapping } from './resolve-mapping';

/** What an uploaded file holds, and what its columns may be. */
export interface UploadInspection extends CsvInspection {
  readonly sketches: readonly ColumnSketch[];
}

/**
 * As `inspectCsv`, of a file whose columns may have other names than the spec's. Where it is not certain which they are,
 * the file is taken as it is written: nothing is known of its labels and moments yet, and only rows that are no rows at
 * all are quarantined.
 *
 * @throws AppError INVALID_DATA when the file cannot be used as a whole, or has fewer columns than are read
 */
export async function inspectUpload(
  path: string,
  spec: FeatureSpec,
  options: Partial<Omit<OpenFileOptions, 'path' | 'wanted'>> &
    Pick<MatchOptions, 'isEntity' | 'keepsLast'> = {},
): Promise<UploadInspection> {
  const workDirectory = options.workDirectory ?? tmpdir();
  const threads = options.threads ?? Math.ceil(availableParallelism() / 2);
  const { isEntity, keepsLast } = options;
  const wanted = wantedColumns(spec);
  return withOpenFile({ ...options, path, wanted, workDirectory, threads }, async (file) => {
    const sketches = await sketchColumns(file.session, file.scan);
    const mapping = resolveMapping(spec, sketches);
    if (mapping.isComplete)
      return {
        ...(await inspectMatched(
          matchSpec(file, spec, { mapping: confirmedMapping(mapping), isEntity, keepsLast }),
          spec,
          sketches,
          {
            mayBeMended: true,
          },
        )),
        sketches,
      };
    refuseHopeless(file, spec, mapping);
    return { ...inspectUnmatched(file, sketches, spec), sketches };
  });
}

/** No mapping can make up for columns that are not there, or that cannot be told apart. */
function refuseHopeless(
  { scan: { dialect } }: OpenedFile,
  spec: FeatureSpec,
  mapping: ResolvedMapping,
): void {
  const { header } = dialect;
  const isTwice = mapping.columns.some(({ column }) => header.indexOf(column) !== header.lastIndexOf(column));
  const open = mapping.columns.filter(({ source }) => source === null);
  if (isTwice || open.length > mapping.unread.length) planColumns(spec, dialect);
}

function refuseBroken({ records, quarantine }: OpenedFile['scan']): void {
  if (quarantine.count <= records) return;
  const issues = QuarantineLog.merge([quarantine])
    .sample.slice(0, 20)
    .map(({ line, reason }) => ({ path: `line ${line}`, message: reason }));
  throw new AppError(
    'INVALID_DATA',
    `${quarantine.count} of ${records + quarantine.count} rows cannot be read, for how their lines are written. The first: ${issues[0]?.path ?? ''}, ${issues[0]?.message ?? ''}. Correct the file.`,
    issues,
  );
}

function inspectUnmatched(
  { scan }: OpenedFile,
  sketches: readonly ColumnSketch[],
  spec: FeatureSpec,
): CsvInspection {
  refuseBroken(scan);
  return {
    columns: sketches.map(({ name, type }) => ({ name, type })),
    format: scan.format,
    rowCount: scan.records + scan.quarantine.count,
    quarantined: shownQuarantine(spec, QuarantineLog.merge([scan.quarantine])),
    labelRate: null,
    momentCount: 0,
    timeRange: null,
    endsInsideRow: scan.endsInsideRow,
  };
}
