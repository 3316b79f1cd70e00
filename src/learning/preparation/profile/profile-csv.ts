import { availableParallelism, tmpdir } from 'node:os';
import { AppError } from '../../../errors';
import { type FeatureSpec } from '../../features/feature-spec';
import { type CleaningProposal } from '../cleaning/propose';
import { leaveOutLater } from '../cleaning/clean-rows';
import { proposeForColumns } from '../cleaning/propose-for-columns';
import { proposeForRows } from '../cleaning/propose-rows';
import { type ColumnPlan } from '../column-plan';
import { type Quarantine } from '../csv-inspection';
import { loadRows } from '../loaded-rows';
import { type EntitySource, type LoadedEntity, withEntityTables } from '../entities/entity-tables';
import { type OpenCsvOptions, type OpenedCsv, withOpenCsv } from '../open-csv';
import { QuarantineLog } from '../quarantine';
import { writeQuarantine } from '../quarantine-file';
import { type ColumnRole, type DatasetProfile } from './dataset-profile';
import { findDuplicates } from './duplicates';
import { findInvalidCells } from './invalid-cells';
import { profileLabel } from './label-profile';
import { findLeaks } from './leaks';
import { markMoments } from '../mark-moments';
import { markRows } from './mark-rows';
import { type JudgedColumn, profileColumns } from './profile-columns';
import { mappedHeader } from '../mapping/column-mapping';
import { personalClassOf } from '../../features/personal-data';
import { hasPersonal, shownQuarantine } from './withhold';
import { seenCells } from './seen-cells';

/** The cells are a table of their own: a plan that reads, checks and keeps thousands of columns at once needs too much. */
const ROW_COLUMNS = 'bad, bad_value, moment, label_event, label, subject, session, ms, content';

export interface ProfileOptions extends Partial<Omit<OpenCsvOptions, 'path' | 'spec' | 'tables'>> {
  /** The files of the spec's entities, all or none: with them, their columns are profiled as the rows see them. */
  readonly entities?: readonly EntitySource[] | undefined;
  /** Where every quarantined row is to be written, as CSV. */
  readonly quarantinePath?: string | undefined;
  /** Told of the quarantined rows, the first of them with their texts. */
  readonly onQuarantined?: ((quarantined: Quarantine) => void) | undefined;
  /** Cells that are grouped at the same time; of a long file, those of one column. The profile is the same. */
  readonly cellsAtOnce?: number | undefined;
}

/** A few columns of many rows, or many of few: what is in memory of them is about as much. */
const CELLS_AT_ONCE = 1 << 20;
const MAX_COLUMNS_AT_ONCE = 64;

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
  const workDirectory = options.workDirectory ?? tmpdir();
  const threads = options.threads ?? Math.ceil(availableParallelism() / 2);
  const opened = { ...options, path, spec, workDirectory, threads };
  return withTables({ ...opened, sources: options.entities ?? [] }, (tables) =>
    withOpenCsv({ ...opened, tables }, (csv) => profileOpened(csv, spec, options)),
  );
}

async function profileOpened(
  csv: OpenedCsv,
  spec: FeatureSpec,
  options: ProfileOptions,
): Promise<DatasetProfile> {
  const { mapping = {} } = options;
  const { session, scan, plan } = csv;
  const loaded = await loadRows(session, csv, ROW_COLUMNS, { mayBeMended: true });
  const { quarantinePath } = options;
  options.onQuarantined?.(shownQuarantine(spec, QuarantineLog.merge([scan.quarantine, loaded.quarantine])));
  const quarantineReasons =
    quarantinePath === undefined
      ? []
      : await writeQuarantine(csv, quarantinePath, { isWithheld: hasPersonal(spec) });
  await leaveOutLater(session, spec);
  await markMoments(session, spec, null);
  await session.run(`CREATE TABLE cells AS SELECT * FROM ${csv.cellsSql}`, [scan.readPath]);
  const parts = await markRows(session, spec);
  const invalid = await findInvalidCells(csv);
  const columns: JudgedColumn[] = [];
  const cleaning: CleaningProposal[] = [];
  const own = scan.dialect.header.map((name, index) => ({ name, index }));
  const wanted = mappedHeader(scan.dialect.header, mapping);
  const all = [...own, ...(csv.isJoined ? plan.joined.flat() : [])];
  const atOnce = columnsAtOnce(scan.records, options.cellsAtOnce);
  for (let from = 0; from < all.length; from += atOnce) {
    const some = all.slice(from, from + atOnce).map(({ name, index }) => ({
      name,
      index,
      role: roleOf(plan, index),
      personal: personalClassOf(spec.personal, [name, wanted[index] ?? name]),
      invalid: invalid.get(index),
      seen: seenCells(spec, plan, index),
    }));
    const judged = await profileColumns(session, some, { parts });
    columns.push(...judged);
    // What is an entity's is mended in its own file; what is personal is not shown, and so not proposed of either.
    const inView = some
      .map(({ index }, i) => ({ index, profile: judged[i]?.profile }))
      .flatMap(({ index, profile }) =>
        profile && profile.personal === null && index < own.length ? [{ index, profile }] : [],
      );
    cleaning.push(...(await proposeForColumns(session, { spec, plan, mapping }, inView)));
  }
  const duplicates = await findDuplicates(csv);
  const ofRows = await proposeForRows(csv, spec, {
    ...{ duplicates, receivedAt: options.receivedAt },
    isEntity: options.isEntity === true,
  });
  const isTimePersonal = personalClassOf(spec.personal, [spec.timeColumn ?? '']) !== null;
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
    cleaning: [
      ...(isTimePersonal ? ofRows.map((each) => ({ ...each, example: null })) : ofRows),
      ...cleaning,
    ],
  };
}

/** With the tables of the spec's entities; without any, where none is given or one of them cannot be used. */
async function withTables<T>(
  options: Parameters<typeof withEntityTables>[0],
  work: (tables: readonly LoadedEntity[] | undefined) => Promise<T>,
): Promise<T> {
  if (options.sources.length === 0) return work(undefined);
  const state = { isLoaded: false };
  try {
    return await withEntityTables(options, (tables) => {
      state.isLoaded = true;
      return work(tables);
    });
  } catch (error) {
    const isOfEntity = !state.isLoaded && error instanceof AppError && error.code === 'INVALID_DATA';
    if (!isOfEntity) throw error;
    return work(undefined);
  }
}

function columnsAtOnce(rows: number, cells = CELLS_AT_ONCE): number {
  return Math.min(MAX_COLUMNS_AT_ONCE, Math.max(1, Math.floor(cells / rows)));
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
