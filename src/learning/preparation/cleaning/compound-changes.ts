import {
  type CompoundFeature,
  cellOf,
  isCompound,
  type MultiFeature,
  tokensOf,
  valuesOfSet,
} from '../../features/compound';
import { missingMoments } from '../../features/compound/timestamp';
import { type FeatureSpec } from '../../features/feature-spec';
import { columnOf, type CompoundValue } from '../column-plan';
import { isWordSql } from '../compound-cells';
import { type DuckDbSession } from '../duckdb-session';
import { isSame } from './propose-sets';

/** Of a statement. */
const CELLS_AT_ONCE = 10_000;

/** A column of which a cleaning changes values, and SQL about the table `rows`: of which rows. */
interface ChangedColumn {
  readonly column: CompoundValue;
  readonly changes: string;
}

/** The typed column in `rows`, and a name for a table about it. */
interface Place {
  readonly x: string;
  readonly table: string;
}

/** What the cleaning of compound features changes; a vector or moment that could not be read otherwise has no value. */
export async function compoundChanges(
  session: DuckDbSession,
  { features, sequence }: FeatureSpec,
  columns: readonly CompoundValue[],
): Promise<ChangedColumn[]> {
  const readers = [...features, ...(sequence?.fields ?? [])].filter((feature) => isCompound(feature));
  const found: ChangedColumn[] = [];
  for (const [i, column] of columns.entries())
    for (const [k, reader] of readers.entries()) {
      const isRead =
        columnOf(reader) === column.name && JSON.stringify(cellOf(reader)) === JSON.stringify(column.cell);
      const changes = isRead && (await changesOf(session, reader, { x: `x${i}`, table: `sets_${i}_${k}` }));
      if (changes) found.push({ column, changes });
    }
  return found;
}

async function changesOf(
  session: DuckDbSession,
  reader: CompoundFeature,
  { x, table }: Place,
): Promise<string | null> {
  switch (reader.type) {
    case 'multi':
      return reader.cleaning ? changedSets(session, reader, { x, table }) : null;
    case 'text': {
      const words = (reader.cleaning?.missing ?? []).filter((word) => tokensOf(word).length > 0);
      return words.length > 0 ? isWordSql(x, words) : null;
    }
    case 'vector':
      return reader.cleaning?.zeros ? `len(list_filter(${x}, lambda v: v <> 0)) = 0` : null;
    case 'timestamp': {
      const moments = missingMoments(reader.cleaning);
      return moments.length > 0 ? `${x} IN (${moments.join(', ')})` : null;
    }
  }
}

/** Reads each different cell with the cleaning and without. */
async function changedSets(
  session: DuckDbSession,
  reader: MultiFeature,
  { x, table }: Place,
): Promise<string> {
  const plain: MultiFeature = { ...reader, cleaning: undefined };
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${table} AS SELECT DISTINCT ${x} AS cell FROM rows WHERE bad IS NULL AND ${x} IS NOT NULL`,
  );
  const changed: number[] = [];
  for await (const chunk of session.stream(`SELECT rowid::DOUBLE, cell FROM ${table}`)) {
    const [records, texts] = [chunk.getColumnVector(0), chunk.getColumnVector(1)];
    for (let row = 0; row < chunk.rowCount; row++) {
      const cell = String(texts.getItem(row));
      if (!isSame(valuesOfSet(reader, cell), valuesOfSet(plain, cell)))
        changed.push(Number(records.getItem(row)));
    }
  }
  await session.run(`CREATE OR REPLACE TEMP TABLE changed_${table} (record BIGINT)`);
  for (let from = 0; from < changed.length; from += CELLS_AT_ONCE)
    await session.run(
      `INSERT INTO changed_${table} SELECT unnest([${changed.slice(from, from + CELLS_AT_ONCE).join(', ')}])`,
    );
  return `${x} IN (SELECT cell FROM ${table} WHERE rowid IN (SELECT record FROM changed_${table}))`;
}
