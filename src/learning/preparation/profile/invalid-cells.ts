import { type OpenedCsv } from '../open-csv';
import { wordsOf } from '../typed-rows';
import { type ColumnProfile, type InvalidCell } from './dataset-profile';

const EXAMPLES = 5;
const MAX_SHOWN = 80;
/** A query of thousands would need more memory for its plan than for the data. */
const CHECKS_AT_ONCE = 50;

export type InvalidCells = ColumnProfile['invalid'];

/**
 * The cells that the spec cannot read, by position of their column. Every cell counts, also several of one row, of
 * which quarantine names the first alone.
 */
export async function findInvalidCells({
  session,
  scan,
  plan,
  typed,
  isJoined,
}: OpenedCsv): Promise<Map<number, InvalidCells>> {
  // Of thousands of columns, those that a check is about: all others would be planned for each few checks again.
  const uncheckedOf = (about: readonly string[]) => {
    const words = wordsOf([typed.unchecked('', about), ...about]);
    const cells = [
      ...scan.dialect.header.map((_, index) => ({ name: `c${index}`, sql: `c${index}` })),
      ...plan.joined.flat().map(({ index }) => ({
        name: `c${index}`,
        sql: isJoined ? `c${index}` : `NULL::VARCHAR AS c${index}`,
      })),
    ].filter(({ name }) => words.has(name));
    const columns = ['rowid AS record', ...cells.map(({ sql }) => sql)];
    return typed.unchecked(`(SELECT ${columns.join(', ')} FROM cells)`, about);
  };
  const totals: number[] = [];
  for (let from = 0; from < typed.checks.length; from += CHECKS_AT_ONCE) {
    const checks = typed.checks.slice(from, from + CHECKS_AT_ONCE);
    const counts = checks.map(({ fails }) => `count(*) FILTER (${fails})::DOUBLE`);
    const [row = []] = await session.rows(
      `SELECT ${counts.join(', ')} FROM (${uncheckedOf(checks.map(({ fails }) => fails))})`,
    );
    totals.push(...row.map(Number));
  }
  const found = new Map<number, InvalidCells>();
  for (const [i, check] of typed.checks.entries()) {
    const { column, fails } = check;
    const count = totals[i] ?? 0;
    if (count === 0) continue;
    const rows = await session.rows(
      `SELECT record::DOUBLE, left(c${column.index}, ${MAX_SHOWN}) FROM (${uncheckedOf([fails, `c${column.index}`])}) WHERE ${fails}
       ORDER BY record LIMIT ${EXAMPLES}`,
    );
    const examples = rows.map(([record, cell]): InvalidCell => {
      const value = typeof cell === 'string' ? cell : null;
      return { line: scan.lines.lineOf(Number(record)), value, reason: check.reason(value) };
    });
    const before = found.get(column.index);
    found.set(column.index, {
      count: count + (before?.count ?? 0),
      examples: [...(before?.examples ?? []), ...examples].slice(0, EXAMPLES),
    });
  }
  return found;
}
