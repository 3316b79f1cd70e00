import { formatPattern, UNIX_FORMATS } from '../../features/time-formats';
import { literal } from '../duckdb-session';

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
  const unix = UNIX_FORMATS[format];
  const ms = unix
    ? `TRY_CAST(trim(${text}) AS DOUBLE) * ${unix.toMs}`
    : `epoch_us(try_strptime(trim(${text}), ${literal(format)})) / 1000.0`;
  // Of what looks otherwise, strptime reads some words for moments, such as epoch.
  return `CASE WHEN regexp_full_match(trim(${text}), ${literal(formatPattern(format))}) THEN ${ms} END`;
}
