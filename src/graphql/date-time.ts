import { GraphQLScalarType } from 'graphql';
import { GraphQLDateTimeISO } from 'graphql-scalars';

/** No divisor of a second: moments of whole seconds must not all meet in one. */
const WRITTEN_SLOTS = 509;

const config = GraphQLDateTimeISO.toConfig();

/** The scalar of moments, which reads and writes the usual form without the checks that other forms need. */
export const DateTimeISO = new GraphQLScalarType<Date, string>({
  ...config,
  serialize: (value) =>
    value instanceof Date && !Number.isNaN(value.getTime()) ? written(value) : config.serialize(value),
  parseValue: (value) => usualMoment(value) ?? config.parseValue(value),
});

/** Of moments that were written lately: a list of answers has some of them again and again. */
const writtenAt = new Float64Array(WRITTEN_SLOTS).fill(NaN);
const writtenTexts = new Array<string>(WRITTEN_SLOTS).fill('');

function written(moment: Date): string {
  const ms = moment.getTime();
  const slot = Math.abs(ms % WRITTEN_SLOTS);
  if (writtenAt[slot] !== ms) {
    writtenTexts[slot] = moment.toISOString();
    writtenAt[slot] = ms;
  }
  return writtenTexts[slot] ?? '';
}

/**
 * The moment of `2025-03-21T19:40:00Z` or `2025-03-21T19:40:00.000Z`, as nearly every client writes them: character by
 * character, since a history has one per event.
 *
 * @returns null where it has another form, or is no moment: then it is read, and refused, as ever
 */
export function usualMoment(value: unknown): Date | null {
  if (typeof value !== 'string' || !hasUsualForm(value)) return null;
  const year = 100 * pair(value, 0) + pair(value, 2);
  const [month, day] = [pair(value, 5), pair(value, 8)];
  const [hour, minute, second] = [pair(value, 11), pair(value, 14), pair(value, 17)];
  const millis = value.length === LONG ? 10 * pair(value, 20) + digit(value, 22) : 0;
  // What is no digit is NaN, and so within no bounds. Years below 100 and leap seconds are left to others.
  const isDate = year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(month, year);
  if (!isDate || !(hour <= 23 && minute <= 59 && second <= 59 && millis <= 999)) return null;
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second, millis));
}

const SHORT = '2025-03-21T19:40:00Z'.length;
const LONG = '2025-03-21T19:40:00.000Z'.length;

function hasUsualForm(text: string): boolean {
  const { length } = text;
  return (
    (length === SHORT || (length === LONG && text[19] === '.')) &&
    text[4] === '-' &&
    text[7] === '-' &&
    text[10] === 'T' &&
    text[13] === ':' &&
    text[16] === ':' &&
    text[length - 1] === 'Z'
  );
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : NaN;
}

const pair = (text: string, at: number): number => 10 * digit(text, at) + digit(text, at + 1);

/** Days of a month, 1 to 12. */
export function daysOf(month: number, year: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
