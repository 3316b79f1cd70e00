import { type FileColumn } from '../column-plan';
import { type DuckDbSession } from '../duckdb-session';
import { rowByColumn } from './by-column';
import { type ColumnCounts, countCells, groupCells, groupValues, rowCellsSql } from './column-values';
import { type ColumnProfile, type ColumnRole, type DriftParts } from './dataset-profile';
import { categoryDrift, valueDrift } from './drift';
import { type InvalidCells } from './invalid-cells';
import { judgeColumns, type LabelEvidence, orderedOf, type SeenCells } from './label-evidence';
import { summarizeNumbers } from './number-summary';
import { type PersonalClass } from '../../features/personal-data';
import { proposePersonal } from './personal-proposal';
import { withoutValues } from './withhold';
import { numberSentinels, textSentinels } from './sentinels';

export interface ProfiledColumn extends FileColumn {
  readonly role: ColumnRole;
  readonly personal?: PersonalClass | null | undefined;
  readonly invalid?: InvalidCells | undefined;
  /** How its values are seen at moments of prediction, where these are no rows of their own. */
  readonly seen?: SeenCells | undefined;
}

/** A column, and what it alone says about the label. */
export interface JudgedColumn extends LabelEvidence {
  readonly profile: ColumnProfile;
}

export interface ProfileContext {
  readonly parts: DriftParts | null;
  /** Only of rows that are moments of prediction. */
  readonly ofMoments?: boolean;
}

/** Nothing of a file without rows of this sort. */
const NO_CELLS: ColumnCounts = {
  type: 'empty',
  missingCount: 0,
  emptyCount: 0,
  markers: [],
  givenCount: 0,
  distinctCount: 0,
  readsAs: { numbers: 0, booleans: 0, moments: 0 },
  frequentValues: [],
};

const NO_EVIDENCE: LabelEvidence = { auc: null, presenceAuc: null, judgedCount: 0, isId: false };

/**
 * Describes some columns, all of them in each query: a query of one column costs as much as its few rows do. Their cells are
 * in `texts` then, and their numbers and moments in `vals`.
 */
export async function profileColumns(
  session: DuckDbSession,
  columns: readonly ProfiledColumn[],
  { parts, ofMoments = false }: ProfileContext,
): Promise<JudgedColumn[]> {
  const indexes = columns.map(({ index }) => index);
  await groupCells(session, rowCellsSql(indexes, ofMoments ? 'moment' : 'true'));
  const counts = await countCells(session);
  const counted = columns.map((column) => ({ ...column, counts: counts.get(column.index) ?? NO_CELLS }));
  const { numbers, moments, categories } = orderedOf(counted);
  const isOrdered = numbers.length + moments.length > 0;
  if (isOrdered) await groupValues(session, { numbers, moments });
  const none = new Map<number, never>();
  const summaries = await summarizeNumbers(session, numbers);
  const ranges = moments.length > 0 ? await momentRanges(session, moments) : none;
  const codes = numbers.length > 0 ? await numberSentinels(session) : none;
  const words = await textSentinels(session);
  const drift = new Map([
    ...(isOrdered && parts ? await valueDrift(session, parts) : none),
    ...(categories.length > 0 && parts ? await categoryDrift(session, categories, parts) : none),
  ]);
  const judged = await judgeColumns(session, counted.filter(isJudged));
  return counted.map(({ name, index, role, personal = null, invalid, counts: of }) => {
    const evidence = judged.get(index) ?? NO_EVIDENCE;
    const ofNumbers = of.type === 'numeric' && role !== 'LABEL' ? codes.get(index) : undefined;
    const profile = {
      name,
      role,
      ...of,
      numbers: summaries.get(index) ?? null,
      moments: ranges.get(index) ?? null,
      sentinels: [...(ofNumbers ?? []), ...(words.get(index) ?? [])],
      invalid: invalid ?? { count: 0, examples: [] },
      auc: evidence.auc,
      presenceAuc: evidence.presenceAuc,
      drift: (role === 'TIME' ? null : drift.get(index)) ?? null,
      personal,
      personalProposal: personal === null ? proposePersonal({ name, ...of }) : null,
    };
    return { profile: personal === null ? profile : withoutValues(profile), ...evidence };
  });
}

/** The label tells itself, and time passes: neither says anything. When a subject was last seen before a date is known. */
function isJudged({ role, seen, counts }: ProfiledColumn & { readonly counts: ColumnCounts }): boolean {
  return role !== 'LABEL' && !(seen && role === 'TIME') && counts.givenCount > 0;
}

async function momentRanges(
  session: DuckDbSession,
  columns: readonly number[],
): Promise<Map<number, NonNullable<ColumnProfile['moments']>>> {
  const rows = await session.rows(
    `SELECT c, min(value), max(value) FROM vals WHERE c IN (${columns.join(', ')}) GROUP BY c`,
  );
  return new Map(
    Array.from(rowByColumn(rows), ([column, [earliest, latest]]) => [
      column,
      {
        earliest: new Date(Number(earliest)).toISOString(),
        latest: new Date(Number(latest)).toISOString(),
      },
    ]),
  );
}
