import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { type Segment, segmentsByDifference, segmentsOf } from './segments';

/** Events of a key in an index, from a moment on and before another, in milliseconds since 1970. */
export interface KeyQuestion {
  readonly indexId: number;
  readonly key: string;
  /** -Infinity: all that there are. */
  readonly from: number;
  readonly until: number;
}

/** What is known of the events of one kind. */
export interface KindAggregate {
  /** As categories are known. */
  readonly kind: string;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** How many have a number, and these numbers' sum, least and greatest; null where there is none. */
  readonly numbers: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
}

export interface SpreadQuestion extends KeyQuestion {
  /** Only events of these kinds. */
  readonly kinds: readonly string[] | null;
  /** What is looked for a place for. */
  readonly number: number | null;
}

/** How values lie; in events. */
export interface Spread {
  readonly distinct: number;
  readonly total: number;
  readonly smaller: number;
  readonly greater: number;
}

export interface LastQuestion extends KeyQuestion {
  readonly kinds: readonly string[] | null;
}

/** Rows of a stretch of time that are read for how values lie; with more it is not known. */
const MAX_SPREAD_ROWS = 50_000;
/** Events that are looked at for the last with a number. */
const MAX_LAST_ROWS = 10_000;

const SEGMENTS = `jsonb_to_recordset($2::jsonb) AS q
  (place integer, index_id bigint, key text, level smallint, "from" bigint, until bigint, sign integer, kinds text[], number double precision)`;

/** One of both has rows: a stretch is of counts or of events. */
const rowsOf = (counted: string, single: string): string => `
  SELECT ${counted} FROM event_index_counts c
   WHERE q.level > 0 AND c.tenant_id = $1 AND c.index_id = q.index_id AND c.key = q.key AND c.level = q.level
     AND c.bucket >= q."from" AND c.bucket < q.until AND (q.kinds IS NULL OR c.kind = ANY (q.kinds))
   UNION ALL
  SELECT ${single} FROM event_index_entries e
   WHERE q.level = 0 AND e.tenant_id = $1 AND e.index_id = q.index_id AND e.key = q.key
     AND e.at_ms >= q."from" AND e.at_ms < q.until AND (q.kinds IS NULL OR e.kind = ANY (q.kinds))`;

const BY_KIND = `
SELECT q.place, r.kind, sum(r.count)::double precision AS count, min(r.first_ms) AS "firstMs", max(r.last_ms) AS "lastMs",
       sum(r.numbers)::double precision AS numbers, sum(r.sum) AS sum, min(r.min) AS min, max(r.max) AS max
  FROM ${SEGMENTS}
 CROSS JOIN LATERAL (${rowsOf(
   'c.kind, c.count, c.first_ms, c.last_ms, c.numbers, c.sum, c.min, c.max',
   'e.kind, 1, e.at_ms, e.at_ms, (e.number IS NOT NULL)::integer, coalesce(e.number, 0), e.number, e.number',
 )}) r
 GROUP BY q.place, r.kind`;

const SPREAD = `
WITH rows AS (
  SELECT q.place, q.number, r.value, q.sign * r.count AS count
    FROM ${SEGMENTS}
   CROSS JOIN LATERAL (SELECT * FROM (${rowsOf('c.value, c.count', 'e.value, 1')}) u LIMIT ${MAX_SPREAD_ROWS + 1}) r
), by_value AS (
  SELECT place, number, value, sum(count) AS count, count(*) AS rows FROM rows GROUP BY place, number, value
)
SELECT place, max(rows_read)::double precision AS rows, count(*) FILTER (WHERE count > 0)::double precision AS distinct,
       coalesce(sum(count), 0)::double precision AS total,
       coalesce(sum(count) FILTER (WHERE number IS NOT NULL AND value::double precision < number), 0)::double precision AS smaller,
       coalesce(sum(count) FILTER (WHERE number IS NOT NULL AND value::double precision > number), 0)::double precision AS greater
  FROM (SELECT *, sum(rows) OVER (PARTITION BY place) AS rows_read FROM by_value) v
 GROUP BY place`;

const LAST = `
SELECT q.place, l.number, l.read
  FROM ${SEGMENTS}
 CROSS JOIN LATERAL (
   SELECT (array_agg(e.number ORDER BY e.at_ms DESC, e.sequence DESC)
            FILTER (WHERE e.number IS NOT NULL AND (q.kinds IS NULL OR e.kind = ANY (q.kinds))))[1] AS number,
          count(*)::double precision AS read
     FROM (
       SELECT * FROM event_index_entries e
        WHERE e.tenant_id = $1 AND e.index_id = q.index_id AND e.key = q.key AND e.at_ms >= q."from" AND e.at_ms < q.until
        ORDER BY e.at_ms DESC, e.sequence DESC LIMIT ${MAX_LAST_ROWS}
     ) e
 ) l`;

const KINDS_BEFORE = `
SELECT kind, sum(count)::double precision AS count FROM (
  SELECT k.kind, k.count FROM event_kinds k WHERE k.tenant_id = $1 AND k.domain = $3 AND k.kind = ANY ($4::text[])
   UNION ALL
  SELECT r.kind, -r.count FROM ${SEGMENTS} CROSS JOIN LATERAL (${rowsOf('c.kind, c.count', 'e.kind, 1')}) r
) counted GROUP BY kind`;

/**
 * How many events of each of some kinds there are before a moment: those of all time, which are known, less those since,
 * of an index of all events. At most a few thousand rows, and for a moment that has just passed none.
 */
export async function countsBefore(
  scope: TenantScope,
  {
    domain,
    indexId,
    key,
    kinds,
    before,
  }: {
    readonly domain: string;
    readonly indexId: number;
    readonly key: string;
    readonly kinds: readonly string[];
    readonly before: Date;
  },
): Promise<ReadonlyMap<string, number>> {
  const since = segmentsOf(before.getTime(), Infinity).map((segment) => ({
    place: 0,
    index_id: indexId,
    key,
    kinds,
    ...segment,
  }));
  const rows = await scope.query<{ kind: string; count: number }>(KINDS_BEFORE, [
    scope.tenantId,
    JSON.stringify(since),
    domain,
    kinds,
  ]);
  return new Map(rows.map(({ kind, count }) => [kind, count]));
}

/** Of each question, what is known of each kind; a kind without events is not there. At most a few thousand rows each. */
export async function aggregatesByKind(
  scope: TenantScope,
  questions: ReadonlyArray<KeyQuestion & { readonly kinds?: readonly string[] | null }>,
): Promise<KindAggregate[][]> {
  const rows = await ask<KindAggregate & { place: number }>(scope, BY_KIND, questions, segmentsOf);
  const answers = questions.map((): KindAggregate[] => []);
  for (const { place, ...aggregate } of rows) answers[place]?.push(aggregate);
  return answers;
}

/** Of each question, how values lie; null where there are too many different ones to tell. */
export async function spreads(
  scope: TenantScope,
  questions: readonly SpreadQuestion[],
): Promise<(Spread | null)[]> {
  const rows = await ask<Spread & { place: number; rows: number }>(
    scope,
    SPREAD,
    questions,
    segmentsByDifference,
  );
  const answers = questions.map((): Spread | null => ({ distinct: 0, total: 0, smaller: 0, greater: 0 }));
  for (const { place, rows: read, ...spread } of rows)
    answers[place] = read > MAX_SPREAD_ROWS ? null : spread;
  return answers;
}

/** Of each question, the number of the latest event that has one: NaN where none has; null where it is not known. */
export async function lastNumbers(
  scope: TenantScope,
  questions: readonly LastQuestion[],
): Promise<(number | null)[]> {
  const rows = await ask<{ place: number; number: number | null; read: number }>(
    scope,
    LAST,
    questions,
    (from, until) => [{ level: 0, from: Math.max(from, -8.64e15), until, sign: 1 }],
  );
  const answers = questions.map((): number | null => NaN);
  for (const { place, number, read } of rows) answers[place] = number ?? (read < MAX_LAST_ROWS ? NaN : null);
  return answers;
}

async function ask<Row>(
  scope: TenantScope,
  sql: string,
  questions: ReadonlyArray<
    KeyQuestion & { readonly kinds?: readonly string[] | null; readonly number?: number | null }
  >,
  segments: (from: number, until: number) => Segment[],
): Promise<Row[]> {
  if (questions.length === 0) return [];
  const asked = questions.flatMap(({ indexId, key, from, until, kinds = null, number = null }, place) =>
    segments(from, until).map((segment) => ({ place, index_id: indexId, key, kinds, number, ...segment })),
  );
  return scope.query<Row>(sql, [scope.tenantId, JSON.stringify(asked)]);
}
