import { type FileColumn } from '../column-plan';
import { type DuckDbSession } from '../duckdb-session';
import { countCells, groupCells, groupValues } from './column-values';
import { type ColumnProfile, type ColumnRole, type DriftParts } from './dataset-profile';
import { categoryDrift, valueDrift } from './drift';
import { type InvalidCells } from './invalid-cells';
import { categoryAuc, presenceAuc, valueAuc } from './label-auc';
import { summarizeNumbers } from './number-summary';
import { numberSentinels, textSentinels } from './sentinels';

export interface ColumnContext {
  readonly role: ColumnRole;
  readonly parts: DriftParts | null;
  readonly invalid?: InvalidCells | undefined;
  /** Only of rows that are moments of prediction. */
  readonly ofMoments?: boolean;
}

/** Describes one column; what it needs of the file is one pass over the column. */
export async function profileColumn(
  session: DuckDbSession,
  column: FileColumn,
  { role, parts, invalid, ofMoments = false }: ColumnContext,
): Promise<ColumnProfile> {
  await groupCells(session, column.index, ofMoments ? 'moment' : 'true');
  const counts = await countCells(session);
  const isNumeric = counts.type === 'numeric';
  const isOrdered = isNumeric || counts.type === 'moment';
  if (isOrdered) await groupValues(session, isNumeric ? 'number' : 'ms');
  // The label tells itself, and time passes: neither says anything.
  const judged = role !== 'LABEL' && counts.givenCount > 0;
  const compared = role !== 'TIME' && parts ? parts : null;
  return {
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
    auc: judged ? await (isOrdered ? valueAuc(session) : categoryAuc(session)) : null,
    presenceAuc: judged && counts.missingCount > 0 ? await presenceAuc(session) : null,
    drift: compared && (await (isOrdered ? valueDrift : categoryDrift)(session, compared)),
  };
}

async function momentRange(session: DuckDbSession): Promise<ColumnProfile['moments']> {
  const [row = []] = await session.rows('SELECT min(value), max(value) FROM vals');
  const [earliest, latest] = row;
  return typeof earliest === 'number' && typeof latest === 'number'
    ? { earliest: new Date(earliest).toISOString(), latest: new Date(latest).toISOString() }
    : null;
}
