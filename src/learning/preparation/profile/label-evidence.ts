import { type ColumnType } from '../csv-inspection';
import { type DuckDbSession } from '../duckdb-session';
import {
  type CellTables,
  type ColumnCounts,
  groupCells,
  groupValues,
  type OrderedColumns,
  ROW_TABLES,
} from './column-values';
import { categoryAucs, presenceAucs, valueAucs } from './label-auc';

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

export interface CountedColumn {
  readonly index: number;
  readonly counts: ColumnCounts;
  readonly seen?: SeenCells | undefined;
}

/** Judges columns whose cells are in the tables of the rows, or are seen otherwise; by their position. */
export async function judgeColumns(
  session: DuckDbSession,
  columns: readonly CountedColumn[],
): Promise<Map<number, LabelEvidence>> {
  const ofRows = columns.filter(({ seen }) => !seen);
  const ofSeen = columns.filter(({ seen }) => seen);
  const evidence = new Map<number, LabelEvidence>();
  if (ofRows.length > 0) {
    const aucs = await aucsOf(session, ofRows, ROW_TABLES);
    for (const { index, counts } of ofRows)
      evidence.set(index, {
        auc: aucs.values.get(index) ?? null,
        presenceAuc: counts.missingCount > 0 ? (aucs.presence.get(index) ?? null) : null,
        judgedCount: counts.givenCount,
        isId: counts.type === 'numeric' && isIdOfRows(counts),
      });
  }
  if (ofSeen.length > 0) {
    const cells = ofSeen.flatMap(({ index, seen }) =>
      seen ? [`SELECT ${index} AS c, cell, y, part, half FROM (${seen.sql})`] : [],
    );
    await groupCells(session, cells.join(' UNION ALL '), SEEN_TABLES);
    const { numbers, moments } = orderedOf(ofSeen);
    if (numbers.length + moments.length > 0) await groupValues(session, { numbers, moments }, SEEN_TABLES);
    const aucs = await aucsOf(session, ofSeen, SEEN_TABLES);
    const given = await givenOf(session);
    for (const { index, counts, seen } of ofSeen)
      evidence.set(index, {
        auc: aucs.values.get(index) ?? null,
        presenceAuc: aucs.presence.get(index) ?? null,
        judgedCount: given.get(index) ?? 0,
        isId: counts.type === 'numeric' && seen !== undefined && (await isIdOfOwners(session, index, seen)),
      });
  }
  return evidence;
}

/** Which columns have numbers, and which have moments; the values of all others have no order. */
export function orderedOf(columns: ReadonlyArray<Pick<CountedColumn, 'index' | 'counts'>>): OrderedColumns & {
  readonly categories: readonly number[];
} {
  const ofType = (...types: readonly ColumnType[]) =>
    columns.filter(({ counts }) => types.includes(counts.type)).map(({ index }) => index);
  return {
    numbers: ofType('numeric'),
    moments: ofType('moment'),
    categories: ofType('empty', 'boolean', 'categorical'),
  };
}

async function aucsOf(
  session: DuckDbSession,
  columns: readonly CountedColumn[],
  tables: CellTables,
): Promise<{ values: Map<number, number>; presence: Map<number, number> }> {
  const { numbers, moments, categories } = orderedOf(columns);
  const isOrdered = numbers.length + moments.length > 0;
  const values = new Map([
    ...(isOrdered ? await valueAucs(session, tables) : []),
    ...(categories.length > 0 ? await categoryAucs(session, categories, tables) : []),
  ]);
  return { values, presence: await presenceAucs(session, tables) };
}

async function givenOf(session: DuckDbSession): Promise<Map<number, number>> {
  const rows = await session.rows(
    `SELECT c, coalesce(sum(m), 0)::DOUBLE FROM ${SEEN_TABLES.texts} WHERE given GROUP BY c`,
  );
  return new Map(rows.map(([column, count]) => [Number(column), Number(count)]));
}

function isIdOfRows({ distinctCount, givenCount, readsAs, frequentValues }: ColumnCounts): boolean {
  return (
    readsAs.numbers === givenCount &&
    distinctCount === givenCount &&
    frequentValues.every(({ value }) => /^\s*[-+]?\d+\s*$/.test(value))
  );
}

/** Each owner has one, and no two have the same. */
async function isIdOfOwners(session: DuckDbSession, column: number, { sql }: SeenCells): Promise<boolean> {
  const [row = []] = await session.rows(
    `SELECT count(DISTINCT owner) = count(DISTINCT cell) AND count(DISTINCT owner) = count(DISTINCT {'o': owner, 'c': cell})
       AND count(*) > 0 AND bool_and(${isWhole('cell')})
     FROM (${sql}) JOIN ${SEEN_TABLES.texts} t ON t.c = ${column} AND text = cell WHERE given AND y IS NOT NULL`,
  );
  return row[0] === true;
}
