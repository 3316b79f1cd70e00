import { type FileColumn } from '../column-plan';
import { type DuckDbSession } from '../duckdb-session';
import { countCells, groupCells, groupValues, rowCellsSql } from './column-values';
import { type ColumnProfile, type ColumnRole, type DriftParts } from './dataset-profile';
import { categoryDrift, valueDrift } from './drift';
import { type InvalidCells } from './invalid-cells';
import { judgeColumn, type LabelEvidence, type SeenCells } from './label-evidence';
import { summarizeNumbers } from './number-summary';
import { numberSentinels, textSentinels } from './sentinels';

export interface ColumnContext {
  readonly role: ColumnRole;
  readonly parts: DriftParts | null;
  readonly invalid?: InvalidCells | undefined;
  /** Only of rows that are moments of prediction. */
  readonly ofMoments?: boolean;
  /** How its values are seen at moments of prediction, where these are no rows of their own. */
  readonly seen?: SeenCells | undefined;
}

/** A column, and what it alone says about the label. */
export interface JudgedColumn extends LabelEvidence {
  readonly profile: ColumnProfile;
}

/** Describes one column; what it needs of the file is one pass over the column. */
export async function profileColumn(
  session: DuckDbSession,
  column: FileColumn,
  { role, parts, invalid, ofMoments = false, seen }: ColumnContext,
): Promise<JudgedColumn> {
  await groupCells(session, rowCellsSql(column.index, ofMoments ? 'moment' : 'true'));
  const counts = await countCells(session);
  const isNumeric = counts.type === 'numeric';
  const isOrdered = isNumeric || counts.type === 'moment';
  if (isOrdered) await groupValues(session, isNumeric ? 'number' : 'ms');
  // The label tells itself, and time passes: neither says anything. When a subject was last seen before a date is known.
  const judged = role !== 'LABEL' && !(seen && role === 'TIME') && counts.givenCount > 0;
  const compared = role !== 'TIME' && parts ? parts : null;
  const evidence = judged
    ? await judgeColumn(session, { counts, type: isNumeric ? 'number' : isOrdered ? 'ms' : 'text', seen })
    : { auc: null, presenceAuc: null, judgedCount: 0, isId: false };
  const { auc, presenceAuc } = evidence;
  const profile = {
    name: column.name,
    role,
    ...counts,
    numbers: isNumeric ? await summarizeNumbers(session) : null,
    moments: counts.type === 'moment' ? await momentRange(session) : null,
    sentinels: [
      ...(isNumeric && role !== 'LABEL' ? await numberSentinels(session) : []),
      ...(await textSentinels(session)),
    ],
    invalid: invalid ?? { count: 0, examples: [] },
    auc,
    presenceAuc,
    drift: compared && (await (isOrdered ? valueDrift : categoryDrift)(session, compared)),
  };
  return { profile, ...evidence };
}

async function momentRange(session: DuckDbSession): Promise<ColumnProfile['moments']> {
  const [row = []] = await session.rows('SELECT min(value), max(value) FROM vals');
  const [earliest, latest] = row;
  return typeof earliest === 'number' && typeof latest === 'number'
    ? { earliest: new Date(earliest).toISOString(), latest: new Date(latest).toISOString() }
    : null;
}
