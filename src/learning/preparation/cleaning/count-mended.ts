import { type CategoryCleaning, type NumberCleaning } from '../../features/cleaning';
import { type FeatureSpec } from '../../features/feature-spec';
import { columnsOf, type ColumnPlan, type ValueColumn } from '../column-plan';
import { type DuckDbSession, literal } from '../duckdb-session';
import { compoundChanges } from './compound-changes';

/** The rows of the table `rows` that are used and of which the spec's cleaning changes a value. */
export async function countMended(
  session: DuckDbSession,
  spec: FeatureSpec,
  plan: Pick<ColumnPlan, 'numeric' | 'categorical' | 'compound'>,
): Promise<number> {
  const conditions = [
    ...plan.numeric.flatMap((column, i) =>
      readersOf(spec, column).flatMap((reader) =>
        reader.type === 'numeric' && reader.cleaning
          ? [where(column, numberChanges(`n${i}`, reader.cleaning))]
          : [],
      ),
    ),
    ...plan.categorical.flatMap((column, i) =>
      readersOf(spec, column).flatMap((reader) =>
        reader.type === 'categorical' && reader.cleaning
          ? [where(column, categoryChanges(`k${i}`, reader.cleaning))]
          : [],
      ),
    ),
    ...(await compoundChanges(session, spec, plan.compound)).map(({ column, changes }) =>
      where(column, changes),
    ),
  ];
  if (conditions.length === 0) return 0;
  // Copies of events, and of rows that have an id, are left out by whoever reads them.
  const each = spec.shape === 'EVENTS' || spec.idColumn !== undefined ? 'DISTINCT content' : '*';
  const [row] = await session.rows(
    `SELECT count(${each})::DOUBLE FROM rows WHERE bad IS NULL AND (${conditions.join(' OR ')})`,
  );
  return Number(row?.[0]);
}

function readersOf({ features, sequence }: FeatureSpec, { name }: ValueColumn) {
  return [...features, ...(sequence?.fields ?? [])].filter(
    (reader) =>
      (reader.type === 'numeric' || reader.type === 'categorical') && columnsOf(reader).includes(name),
  );
}

const where = ({ momentsOnly }: ValueColumn, changes: string): string =>
  `(${momentsOnly ? `moment AND ` : ''}coalesce(${changes}, false))`;

function numberChanges(n: string, { missing = [], clip, fill }: NumberCleaning): string {
  const float = (number: number) => `${number}::FLOAT`;
  const given = [
    ...missing.map((code) => `${n} = ${float(code)}`),
    ...(clip ? [`${n} < ${float(clip.low)}`, `${n} > ${float(clip.high)}`] : []),
  ];
  return `CASE WHEN isnan(${n}) THEN ${fill !== undefined} ELSE ${given.length > 0 ? given.join(' OR ') : 'false'} END`;
}

function categoryChanges(k: string, { spellings = [], missing = [], keep, fill }: CategoryCleaning): string {
  const list = (categories: readonly string[]) => `[${categories.map(literal).join(', ')}]::VARCHAR[]`;
  const changed = [...spellings.filter(([from, to]) => from !== to).map(([from]) => from), ...missing];
  // A category that the rare ones become is no rare one.
  const kept = keep ? ` OR NOT list_contains(${list([...keep.categories, keep.other])}, ${k})` : '';
  return `CASE WHEN ${k} IS NULL THEN ${fill !== undefined} ELSE list_contains(${list(changed)}, ${k})${kept} END`;
}
