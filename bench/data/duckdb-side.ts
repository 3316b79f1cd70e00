import { availableParallelism } from 'node:os';
import { DuckDBInstance } from '@duckdb/node-api';
import { featureSpec, VISIT_MINUTES } from '../../domains/ecommerce-purchase/features';
import { type Side, type SideInput } from './side';

/** Of the 2 GB that preparation may take; what DuckDB takes beside it is its own. */
const MEMORY_LIMIT = '1500MB';

const COLUMNS = {
  event_id: 'VARCHAR',
  user_id: 'VARCHAR',
  at: 'TIMESTAMPTZ',
  kind: 'VARCHAR',
  category: 'VARCHAR',
  brand: 'VARCHAR',
  price: 'FLOAT',
  dwell_seconds: 'FLOAT',
  device: 'VARCHAR',
  source: 'VARCHAR',
  loyalty_tier: 'VARCHAR',
  tenure_days: 'FLOAT',
};

/**
 * What preparation computes, before encoding, as one query that an expert would write: all events typed and in the order
 * of customer and time, without copies of rows; per visit the label, and the range of events that is its history. Every
 * column of every row is hashed, so that none is left out.
 *
 * It is less than our side does: histories stay ranges, nothing is fitted, nothing is encoded.
 */
const query = (input: SideInput) => `
  SELECT count(*) FILTER (example), coalesce(sum(label::INTEGER) FILTER (example), 0),
    coalesce(sum(least(earlier, ${featureSpec.sequence?.maxLength ?? 0})) FILTER (example), 0), bit_xor(hash(columns))
  FROM (
    SELECT *, kind = 'visit' AND "at" + INTERVAL ${VISIT_MINUTES} MINUTES <= ends AND before IS DISTINCT FROM hash(event)
      AS example
    FROM (
      SELECT event, event.*, max(event."at") OVER () AS ends,
        lag(hash(event)) OVER customer AS before,
        rank() OVER customer - 1 AS earlier,
        coalesce(bool_or(event.kind = 'purchase') OVER (customer RANGE BETWEEN INTERVAL 1 MICROSECOND FOLLOWING
          AND INTERVAL ${VISIT_MINUTES} MINUTES FOLLOWING), false) AS label
      FROM ${rowsOf(input)} AS event
      WINDOW customer AS (PARTITION BY event.user_id ORDER BY event."at")
    )
  ) AS columns`;

function rowsOf({ path, format }: SideInput): string {
  if (format === 'parquet') return `read_parquet('${path}')`;
  const columns = Object.entries(COLUMNS).map(([name, type]) => `'${name}': '${type}'`);
  return `read_csv('${path}', auto_detect = false, header = true, delim = ',', quote = '"', columns = {${columns.join(', ')}})`;
}

export const duckDbSide: Side = async (input) => {
  const [row = []] = await run(input, query(input));
  const [examples = 0, positives = 0, historyEvents = 0] = row.map(Number);
  return { examples, positives, historyEvents };
};

/** Writes a CSV's rows as Parquet, with its columns' own types. */
export async function writeParquet(input: SideInput, to: string): Promise<void> {
  await run(input, `COPY (FROM ${rowsOf(input)}) TO '${to}' (FORMAT parquet)`);
}

async function run({ workDirectory }: SideInput, sql: string) {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(availableParallelism()),
    memory_limit: MEMORY_LIMIT,
    temp_directory: workDirectory,
    preserve_insertion_order: 'false',
  });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return await (await connection.run(sql)).getRows();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
