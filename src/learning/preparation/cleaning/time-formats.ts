import { literal } from '../duckdb-session';

/** Seconds since 1970, and milliseconds; fewer digits than these by one were written until September 2001. */
const UNIX = { unix: { digits: 10, perSecond: 1 }, unixms: { digits: 13, perSecond: 1000 } } as const;

/** SQL for a text's moment in milliseconds since 1970: ISO 8601, or the first format that fits; NULL where it is none. */
export function timeSql(text: string, formats: readonly string[] = []): string {
  // What begins otherwise may be a word for a moment, such as infinity.
  const iso = `CASE WHEN ltrim(${text}) BETWEEN '0' AND ':' THEN epoch_us(TRY_CAST(${text} AS TIMESTAMPTZ)) / 1000.0 END`;
  return formats.length === 0
    ? iso
    : `coalesce(${[iso, ...formats.map((format) => formatSql(text, format))].join(', ')})`;
}

/** SQL for a text's moment, read in one format. Moments without an offset are UTC. */
export function formatSql(text: string, format: string): string {
  const unix = Object.entries(UNIX).find(([name]) => name === format)?.[1];
  if (!unix) return `epoch_us(try_strptime(trim(${text}), ${literal(format)})) / 1000.0`;
  const { digits, perSecond } = unix;
  return `CASE WHEN regexp_full_match(trim(${text}), '\\d{${digits - 1},${digits}}(\\.\\d+)?') THEN TRY_CAST(trim(${text}) AS DOUBLE) * ${1000 / perSecond} END`;
}
