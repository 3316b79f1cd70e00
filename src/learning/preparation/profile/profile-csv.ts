import { availableParallelism, tmpdir } from 'node:os';
import { type FeatureSpec } from '../../features/feature-spec';
import { type CleaningProposal } from '../cleaning/propose';
import { leaveOutLater } from '../cleaning/clean-rows';
import { proposeForColumn } from '../cleaning/propose-for-column';
import { proposeForRows } from '../cleaning/propose-rows';
import { type ColumnPlan } from '../column-plan';
import { type Quarantine } from '../csv-inspection';
import { loadRows } from '../loaded-rows';
import { type OpenCsvOptions, withOpenCsv } from '../open-csv';
import { QuarantineLog } from '../quarantine';
import { writeQuarantine } from '../quarantine-file';
import { readCsvSql } from '../typed-rows';
import { type ColumnRole, type DatasetProfile } from './dataset-profile';
import { findDuplicates } from './duplicates';
import { findInvalidCells } from './invalid-cells';
import { profileLabel } from './label-profile';
import { findLeaks } from './leaks';
import { markMoments } from '../mark-moments';
import { markRows } from './mark-rows';
import { type JudgedColumn, profileColumn } from './profile-column';
import { seenCells } from './seen-cells';

/** The cells are a table of their own: a plan that reads, checks and keeps thousands of columns at once needs too much. */
const ROW_COLUMNS = 'bad, bad_value, moment, label_event, label, subject, session, ms, content';

export interface ProfileOptions extends Partial<Omit<OpenCsvOptions, 'path' | 'spec'>> {
  /** Where every quarantined row is to be written, as CSV. */
  readonly quarantinePath?: string | undefined;
  /** Told of the quarantined rows, the first of them with their texts. */
  readonly onQuarantined?: ((quarantined: Quarantine) => void) | undefined;
}

/**
 * Says what is in a file before anything is trained on it, and what is wrong with it. All counts are exact. The work is
 * done in DuckDB's threads and between reads, out of core, so it may run where requests are served.
 *
 * @throws AppError INVALID_DATA when the file is no CSV or does not fit the spec, as `inspectCsv`, but labels of one
 *   class are no error here. The signal's reason when it is aborted.
 */
export async function profileCsv(
  path: string,
  spec: FeatureSpec,
  options: ProfileOptions = {},
): Promise<DatasetProfile> {
  const { mapping = {} } = options;
  const workDirectory = options.workDirectory ?? tmpdir();
  const threads = options.threads ?? Math.ceil(availableParallelism() / 2);
  return withOpenCsv({ ...options, path, spec, workDirectory, threads }, async (csv) => {
    const { session, scan, plan } = csv;
    const loaded = await loadRows(session, csv, ROW_COLUMNS, { mayBeMended: true });
    const { quarantinePath } = options;
    options.onQuarantined?.(QuarantineLog.merge([scan.quarantine, loaded.quarantine]));
    const quarantineReasons = quarantinePath === undefined ? [] : await writeQuarantine(csv, quarantinePath);
    await leaveOutLater(session, spec);
    await markMoments(session, spec, null);
    await session.run(`CREATE TABLE cells AS SELECT * FROM ${readCsvSql(scan.dialect)}`, [scan.readPath]);
    const parts = await markRows(session, spec);
    const invalid = await findInvalidCells(csv);
    const columns: JudgedColumn[] = [];
    const cleaning: CleaningProposal[] = [];
    for (const [index, name] of scan.dialect.header.entries()) {
      const role = roleOf(plan, index);
      const context = { role, parts, invalid: invalid.get(index), seen: seenCells(spec, index) };
      const column = await profileColumn(session, { name, index }, context);
      const { profile } = column;
      columns.push(column);
      cleaning.push(...(await proposeForColumn(session, { spec, plan, mapping }, { index, profile })));
    }
    const duplicates = await findDuplicates(csv);
    const ofRows = await proposeForRows(csv, spec, { duplicates, receivedAt: options.receivedAt });
    return {
      rowCount: scan.records,
      unreadableCount: scan.quarantine.count,
      quarantinedCount: loaded.quarantined,
      quarantineReasons,
      duplicates,
      label: await profileLabel(session, plan, spec.momentDates ? 'date_marks' : 'marks'),
      drift: parts,
      leaks: await findLeaks(csv, spec, columns),
      columns: columns.map(({ profile }) => profile),
      cleaning: [...ofRows, ...cleaning],
    };
  });
}

function roleOf(plan: ColumnPlan, index: number): ColumnRole {
  const roles: ReadonlyArray<[ColumnRole, ReadonlyArray<{ readonly index: number } | null>]> = [
    ['LABEL', [plan.label]],
    ['TIME', [plan.time]],
    ['SUBJECT', [plan.subject]],
    ['ID', [plan.id]],
    ['KIND', [plan.kind]],
    ['FEATURE', [...plan.numeric, ...plan.categorical, ...plan.compound, ...plan.eventTexts, ...plan.keys]],
  ];
  return roles.find(([, columns]) => columns.some((column) => column?.index === index))?.[0] ?? 'UNUSED';
}
