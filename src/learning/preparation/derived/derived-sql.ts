import { canonicalCategory } from '../../features/category';
import { type DerivedFeature } from '../../features/derived/derived-feature';
import { type DerivedScope, scopeOf } from '../../features/derived/read-derived';
import { type FeatureSpec } from '../../features/feature-spec';
import { literal } from '../duckdb-session';

/**
 * Of the events of a key in time order, those from the moment `from` on and before the moment `until`: SQL, in
 * microseconds; `null` for all time, and for the row's own moment.
 */
export interface Frame {
  readonly from: string | null;
  readonly until: string | null;
}

/** An aggregate over a frame of the events that share a key. */
export interface Measure {
  readonly by: readonly string[];
  readonly frame: Frame;
  /** SQL, with what stands behind OVER. */
  readonly sql: (over: string) => string;
}

/** A derived feature as SQL. */
export interface DerivedSql {
  readonly measures: readonly Measure[];
  /** SQL for its value, NULL where it is missing; of SQL for the measures, and for the row's moment in microseconds. */
  readonly value: (measures: readonly string[], us: string) => string;
}

/** SQL for the columns of events. */
export interface EventColumnNames {
  readonly kind: () => string;
  readonly number: (column: string) => string;
  readonly text: (column: string) => string;
}

/** Of a relation that has the columns named, `us` and, where sessions are wanted, `session_us`. */
export function derivedSql(
  spec: FeatureSpec,
  feature: DerivedFeature,
  columns: EventColumnNames,
): DerivedSql {
  const scope = scopeOf(spec, feature);
  const frame = frameOf(scope);
  const over = (...aggregates: readonly string[]): Measure[] =>
    aggregates.map((sql) => ({ by: scope.by, frame, sql: (window) => `${sql} OVER ${window}` }));
  const only = (kinds: readonly string[] | undefined, value: string) =>
    kinds ? `CASE WHEN ${isOneOf(columns.kind(), kinds)} THEN ${value} END` : value;
  const count = (kinds: readonly string[] | undefined) => `count(${only(kinds, '1')})`;

  switch (feature.aggregate) {
    case 'count':
      return simple(over(count(feature.kinds)));
    case 'sessions':
      return simple(over(`count(DISTINCT ${only(feature.kinds, 'session_us')})`));
    case 'countDistinct':
      return simple(over(`count(DISTINCT ${only(feature.kinds, columns.text(feature.column))})`));
    case 'secondsSinceLast':
    case 'secondsSinceFirst': {
      const end = feature.aggregate === 'secondsSinceLast' ? 'max' : 'min';
      return {
        measures: over(`${end}(${only(feature.kinds, 'us')})`),
        value: ([event], us) => `(${us} - ${event}) / 1e6`,
      };
    }
    case 'meanGapSeconds': {
      const times = only(feature.kinds, 'us');
      return {
        measures: over(`min(${times})`, `max(${times})`, count(feature.kinds)),
        value: ([first, last, n]) =>
          `CASE WHEN ${n} > 1 THEN (${last} - ${first}) / 1e3 / (${n} - 1) / 1e3 END`,
      };
    }
    case 'position':
      return positionSql(columns.number(feature.column), over);
    case 'rate':
      return rateSql(feature, { count, over, allTime: { by: [], frame: { ...frame, from: null } } });
    case 'sum':
      return {
        measures: over(`sum(${only(feature.kinds, columns.number(feature.column))})`, count(feature.kinds)),
        value: ([sum, n]) => `CASE WHEN ${n} = 0 THEN 0 ELSE ${sum} END`,
      };
    case 'last':
      return simple(over(`last_value(${only(feature.kinds, columns.number(feature.column))} IGNORE NULLS)`));
    default: {
      const name = feature.aggregate === 'mean' ? 'avg' : feature.aggregate;
      return simple(over(`${name}(${only(feature.kinds, columns.number(feature.column))})`));
    }
  }
}

const simple = (measures: readonly Measure[]): DerivedSql => ({ measures, value: ([value]) => `${value}` });

type Over = (...aggregates: readonly string[]) => Measure[];

/** A rank is one more than how many come before the row's own value; both ranks are, so it does not matter. */
function positionSql(value: string, over: Over): DerivedSql {
  const measures = over(
    `rank(ORDER BY ${value} NULLS LAST)`,
    `rank(ORDER BY ${value} DESC NULLS LAST)`,
    `count(${value})`,
  ).map((measure): Measure => ({
    ...measure,
    sql: (window) => `CASE WHEN ${value} IS NOT NULL THEN ${measure.sql(window)} END`,
  }));
  return {
    measures,
    value: ([smaller, greater, n]) => `(${n} + ${smaller} - ${greater}) / nullif(2 * ${n}, 0)`,
  };
}

function rateSql(
  { of, among, prior }: Extract<DerivedFeature, { aggregate: 'rate' }>,
  {
    count,
    over,
    allTime,
  }: {
    count: (kinds: readonly string[]) => string;
    over: Over;
    allTime: Pick<Measure, 'by' | 'frame'>;
  },
): DerivedSql {
  const own = over(count(of), count(among));
  if (!prior) return { measures: own, value: ([ofN, amongN]) => `${ofN} / nullif(${amongN}, 0)` };
  const { strength, rate } = prior;
  const smoothed = (known: string, ofN = '', amongN = '') =>
    `(${ofN} + ${real(strength)} * ${known}) / (${amongN} + ${real(strength)})`;
  if (rate !== undefined)
    return { measures: own, value: ([ofN, amongN]) => smoothed(real(rate), ofN, amongN) };
  const everywhere = over(count(of), count(among)).map((measure) => ({ ...measure, ...allTime }));
  return {
    measures: [...own, ...everywhere],
    value: ([ofN, amongN, ofAll, amongAll]) => smoothed(`(${ofAll} / nullif(${amongAll}, 0))`, ofN, amongN),
  };
}

function frameOf({ windowMs, withinSession, delayMs }: DerivedScope): Frame {
  return {
    from: withinSession ? 'session_us' : windowMs === null ? null : `us - ${windowMs * 1000}`,
    until: delayMs === 0 ? null : `us - ${delayMs * 1000}`,
  };
}

function isOneOf(kind: string, kinds: readonly string[]): string {
  return `${kind} IN (${kinds.map((one) => literal(canonicalCategory(one))).join(', ')})`;
}

/** A number as SQL reads it in double precision, not as a decimal. */
const real = (value: number): string => `${value.toExponential()}::DOUBLE`;
