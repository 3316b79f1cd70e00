import { GraphQLScalarType } from 'graphql';
import { GraphQLDateTimeISO } from 'graphql-scalars';

const config = GraphQLDateTimeISO.toConfig();

/** `2025-03-21T19:40:00Z` or `2025-03-21T19:40:00.000Z`, as nearly every client writes moments. */
const USUAL = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?Z$/;

/** The scalar of moments, which reads the usual form without the checks that other forms need. */
export const DateTimeISO = new GraphQLScalarType<Date, string>({
  ...config,
  parseValue: (value) => usualMoment(value) ?? config.parseValue(value),
});

/** Null where it has another form, or is no moment: then it is read, and refused, as ever. */
export function usualMoment(value: unknown): Date | null {
  if (typeof value !== 'string' || value.length > 24) return null;
  const parts = USUAL.exec(value);
  if (!parts) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  // Years below 100 and leap seconds are left to others; days that a month may not have, too.
  if (year < 100 || month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59)
    return null;
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second, Number(parts[7] ?? 0)));
}
