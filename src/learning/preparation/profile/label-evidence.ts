import { type DuckDbSession } from '../duckdb-session';
import { type CellTables, type ColumnCounts, groupCells, groupValues, ROW_TABLES } from './column-values';
import { categoryAuc, presenceAuc, valueAuc } from './label-auc';

/** What a column alone says about the label. */
export interface LabelEvidence {
  /** Of the given values; null where it cannot be judged. */
  readonly auc: number | null;
  /** Of being given at all; null where that never differs or it cannot be judged. */
  readonly presenceAuc: number | null;
  /** Given values that it was judged by. */
  readonly judgedCount: number;
  /** Whether its values are whole numbers that each stand for one row, subject or entity. */
  readonly isId: boolean;
}

/** Cells as they are seen from moments of prediction, where these are no rows, or their values another file's. */
export interface SeenCells {
  /** SQL for `cell`, `y`, `part`, `half` and `owner`: what a cell is of, such as the subject. */
  readonly sql: string;
}

const SEEN_TABLES: CellTables = { texts: 'seen_texts', vals: 'seen_vals' };
/** SQL for a whole number, as a text. */
const isWhole = (text: string) => `regexp_full_match(trim(${text}), '[-+]?[0-9]+')`;

/** Judges the column whose cells are in the tables of the rows, or whose cells are seen otherwise. */
export async function judgeColumn(
  session: DuckDbSession,
  {
    counts,
    type,
    seen,
  }: {
    readonly counts: ColumnCounts;
    readonly type: 'number' | 'ms' | 'text';
    readonly seen?: SeenCells | undefined;
  },
): Promise<LabelEvidence> {
  const tables = seen ? SEEN_TABLES : ROW_TABLES;
  if (seen) {
    await groupCells(session, seen.sql, tables);
    if (type !== 'text') await groupValues(session, type, tables);
  }
  const auc = await (type === 'text' ? categoryAuc(session, tables) : valueAuc(session, tables));
  return {
    auc,
    presenceAuc: seen || counts.missingCount > 0 ? await presenceAuc(session, tables) : null,
    ...(seen
      ? {
          judgedCount: await givenOf(session),
          isId: type === 'number' && (await isIdOfOwners(session, seen)),
        }
      : { judgedCount: counts.givenCount, isId: type === 'number' && isIdOfRows(counts) }),
  };
}

async function givenOf(session: DuckDbSession): Promise<number> {
  const [row] = await session.rows(
    `SELECT coalesce(sum(m), 0)::DOUBLE FROM ${SEEN_TABLES.texts} WHERE given`,
  );
  return Number(row?.[0]);
}

function isIdOfRows({ distinctCount, givenCount, readsAs, frequentValues }: ColumnCounts): boolean {
  return (
    readsAs.numbers === givenCount &&
    distinctCount === givenCount &&
    frequentValues.every(({ value }) => /^\s*[-+]?\d+\s*$/.test(value))
  );
}

/** Each owner has one, and no two have the same. */
async function isIdOfOwners(session: DuckDbSession, { sql }: SeenCells): Promise<boolean> {
  const [row = []] = await session.rows(
    `SELECT count(DISTINCT owner) = count(DISTINCT cell) AND count(DISTINCT owner) = count(DISTINCT {'o': owner, 'c': cell})
       AND count(*) > 0 AND bool_and(${isWhole('cell')})
     FROM (${sql}) JOIN ${SEEN_TABLES.texts} ON text = cell WHERE given AND y IS NOT NULL`,
  );
  return row[0] === true;
}
