import { type OpenedCsv } from '../open-csv';
import { type DatasetProfile } from './dataset-profile';

const EXAMPLES = 5;

/** Rows that are the same in every cell as an earlier one, by the hash with which preparation recognizes copies. */
export async function findDuplicates({
  session,
  scan,
}: Pick<OpenedCsv, 'session' | 'scan'>): Promise<DatasetProfile['duplicates']> {
  const groups = `(SELECT min(rowid) AS record, count(*) - 1 AS copies FROM rows GROUP BY content HAVING count(*) > 1)`;
  const [total] = await session.rows(`SELECT coalesce(sum(copies), 0)::DOUBLE FROM ${groups}`);
  const rows = await session.rows(
    `SELECT record::DOUBLE, copies::DOUBLE FROM ${groups} ORDER BY copies DESC, record LIMIT ${EXAMPLES}`,
  );
  return {
    count: Number(total?.[0]),
    examples: rows.map(([record, copies]) => ({
      line: scan.lines.lineOf(Number(record)),
      copies: Number(copies),
    })),
  };
}
