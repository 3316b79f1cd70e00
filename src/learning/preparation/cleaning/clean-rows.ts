import { type FeatureSpec } from '../../features/feature-spec';
import { dateMs } from '../../features/moments-spec';
import { type DuckDbSession } from '../duckdb-session';

/** In the column `bad`: no check's code, but a row that is left out all the same. */
export const LEFT_OUT = -1;

/** Rows that were left out because the specification says so. */
export interface LeftOutRows {
  /** At or after the end of the data. */
  readonly later: number;
  /** Exact copies of an earlier row, where they would not be left out anyway. */
  readonly duplicates: number;
}

/** Marks rows of the table `rows` as left out: later ones first, then copies. Numbers of rows stay as they are. */
export async function cleanRows(session: DuckDbSession, spec: FeatureSpec): Promise<LeftOutRows> {
  const { cleaning, shape, idColumn } = spec;
  // Of events, and of rows that have an id, copies are left out by whoever reads them.
  const drops = cleaning?.dropDuplicates === true && shape === 'TABLE' && idColumn === undefined;
  return {
    later: await leaveOutLater(session, spec),
    duplicates: drops
      ? await mark(session, 'rowid NOT IN (SELECT min(rowid) FROM rows WHERE bad IS NULL GROUP BY content)')
      : 0,
  };
}

/** Marks the rows at or after `dataUntil`, and says how many they are. */
export async function leaveOutLater(session: DuckDbSession, { dataUntil }: FeatureSpec): Promise<number> {
  return dataUntil === undefined ? 0 : mark(session, `ms >= ${dateMs(dataUntil)}`);
}

async function mark(session: DuckDbSession, condition: string): Promise<number> {
  const where = `bad IS NULL AND ${condition}`;
  const [count] = await session.rows(`SELECT count(*)::DOUBLE FROM rows WHERE ${where}`);
  if (Number(count?.[0]) > 0) await session.run(`UPDATE rows SET bad = ${LEFT_OUT} WHERE ${where}`);
  return Number(count?.[0]);
}
