import { AppError } from '../../../errors';
import { type ColumnPlan } from '../column-plan';
import { type CsvScan } from '../csv-scan';
import { type DuckDbSession, literal } from '../duckdb-session';
import { shorten } from '../quarantine';
import { keySql, readCsvSql } from '../typed-rows';
import { type EntityRows, type LoadedEntity } from './entity-tables';

const EXAMPLES = 3;

/** What became of an entity's file, and of the rows that it was joined with. */
export interface EntityAccounting extends EntityRows {
  /** Rows of the examples' file that found a row of the entity. `matched + unmatched + withoutKey` can be read. */
  readonly matched: number;
  /** Rows whose key the entity does not have, or not before their moment: its values are missing. */
  readonly unmatched: number;
  readonly withoutKey: number;
}

/**
 * Counts how many of the usable rows in the table `rows` found their entities.
 * @throws AppError INVALID_DATA when none did, with values from both sides
 */
export async function countMatches(
  session: DuckDbSession,
  source: { readonly plan: ColumnPlan; readonly scan: CsvScan },
  tables: readonly LoadedEntity[],
): Promise<EntityAccounting[]> {
  const counted: EntityAccounting[] = [];
  for (const [i, { entity, path, ...table }] of tables.entries()) {
    const [row = []] = await session.rows(
      `SELECT count(*) FILTER (found${i} = 1)::DOUBLE, count(*) FILTER (found${i} = 0)::DOUBLE,
         count(*) FILTER (found${i} IS NULL)::DOUBLE FROM rows WHERE bad IS NULL`,
    );
    const [matched = 0, unmatched = 0, withoutKey = 0] = row.map(Number);
    if (matched === 0)
      throw await emptyJoin(session, source, { index: i, table: { entity, path, ...table } });
    counted.push({ ...table, matched, unmatched, withoutKey });
  }
  return counted;
}

async function emptyJoin(
  session: DuckDbSession,
  { plan, scan }: { readonly plan: ColumnPlan; readonly scan: CsvScan },
  { index, table: { entity, path } }: { readonly index: number; readonly table: LoadedEntity },
): Promise<AppError> {
  const examplesOf = async (relation: string, parameters: string[]) => {
    const rows = await session.rows(
      `SELECT DISTINCT id FROM (${relation}) WHERE id IS NOT NULL ORDER BY id LIMIT ${EXAMPLES}`,
      parameters,
    );
    return rows.map(([id]) => JSON.stringify(shorten(String(id), 40))).join(', ') || 'nothing';
  };
  const { name, key, idColumn, validFromColumn } = entity;
  const ofEntity = `SELECT id FROM read_parquet(${literal(path)})`;
  const ofRows = `SELECT ${keySql(`c${plan.keys[index]?.index}`)} AS id FROM ${readCsvSql(scan.dialect)}`;
  const [common] = await session.rows(`SELECT count(*)::DOUBLE FROM (${ofRows}) WHERE id IN (${ofEntity})`, [
    scan.readPath,
  ]);
  const message =
    Number(common?.[0]) > 0 && validFromColumn !== undefined
      ? `no row of it is valid before the moment of a row that names it: ${validFromColumn} is later throughout`
      : `${key} holds ${await examplesOf(ofRows, [scan.readPath])}, but ${name}.${idColumn} holds ${await examplesOf(ofEntity, [])}`;
  return new AppError('INVALID_DATA', `No row finds its entity ${name}: ${message}.`, [
    { path: `entities.${name}`, message },
  ]);
}
