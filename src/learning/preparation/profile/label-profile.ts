import { type ColumnPlan } from '../column-plan';
import { type DuckDbSession } from '../duckdb-session';
import { type LabelProfile, TIME_UNITS, type TimeUnit } from './dataset-profile';

const MAX_BUCKETS = 60;
const HOUR_MS = 3_600_000;
const UNIT_MS: Readonly<Record<TimeUnit, number>> = {
  HOUR: HOUR_MS,
  DAY: 24 * HOUR_MS,
  WEEK: 7 * 24 * HOUR_MS,
  MONTH: 30 * 24 * HOUR_MS,
  QUARTER: 91 * 24 * HOUR_MS,
  YEAR: 365 * 24 * HOUR_MS,
  DECADE: 3652 * 24 * HOUR_MS,
};

/**
 * How often the label is yes, overall and over time.
 * @param marks the table of the moments: `ms`, `y` and `censored`
 */
export async function profileLabel(
  session: DuckDbSession,
  plan: ColumnPlan,
  marks: string,
): Promise<LabelProfile> {
  const [row = []] = await session.rows(
    `SELECT count(y)::DOUBLE, coalesce(sum(y), 0)::DOUBLE, count(*) FILTER (censored)::DOUBLE FROM ${marks}`,
  );
  const [count = 0, positives = 0, censored = 0] = row.map(Number);
  return { count, positives, censored, overTime: plan.time ? await overTime(session, marks) : null };
}

async function overTime(session: DuckDbSession, marks: string): Promise<LabelProfile['overTime']> {
  const [range = []] = await session.rows(`SELECT min(ms), max(ms) FROM ${marks} WHERE y IS NOT NULL`);
  const [from, to] = range;
  if (typeof from !== 'number' || typeof to !== 'number') return null;
  const unit = unitOf(to - from);
  const rows = await session.rows(
    `SELECT epoch_ms(date_trunc('${unit.toLowerCase()}', make_timestamp((ms * 1000)::BIGINT)))::DOUBLE AS start,
       count(*)::DOUBLE, sum(y)::DOUBLE
     FROM ${marks} WHERE y IS NOT NULL GROUP BY start ORDER BY start`,
  );
  const buckets = rows.map(([start, count, positives]) => ({
    from: new Date(Number(start)).toISOString(),
    count: Number(count),
    positives: Number(positives),
  }));
  return { unit, buckets };
}

/** The shortest unit of which a few dozen make up the time. */
export function unitOf(rangeMs: number): TimeUnit {
  return TIME_UNITS.find((unit) => rangeMs / UNIT_MS[unit] < MAX_BUCKETS) ?? 'DECADE';
}
