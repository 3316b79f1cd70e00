const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 1970-01-01 was a Thursday; weeks start on Monday. */
const DAYS_FROM_MONDAY_AT_EPOCH = 3;

/** Moments outside these years are typing errors, in files as in requests. */
export const EARLIEST_MOMENT_MS = Date.UTC(1900, 0, 1);
export const LATEST_MOMENT_MS = Date.UTC(2200, 0, 1);

export const CYCLIC_PARTS = ['hourOfDay', 'dayOfWeek', 'dayOfMonth', 'monthOfYear'] as const;
export type CyclicPart = (typeof CYCLIC_PARTS)[number];

/** Raw units in one turn of the cycle. */
export const CYCLE_PERIOD: Readonly<Record<CyclicPart, number>> = {
  hourOfDay: 24,
  dayOfWeek: 7,
  dayOfMonth: 1,
  monthOfYear: 12,
};

/**
 * The part of a moment that a feature reads, in UTC and with its fraction: hours [0, 24), days since Monday 00:00
 * [0, 7), the share of the month that is over [0, 1), so that the last days of all months are alike, or months since
 * January began [0, 12).
 */
export function cyclicValue(part: CyclicPart, atMs: number): number {
  switch (part) {
    case 'hourOfDay':
      return positiveRemainder(atMs, DAY_MS) / HOUR_MS;
    case 'dayOfWeek':
      return positiveRemainder(atMs / DAY_MS + DAYS_FROM_MONDAY_AT_EPOCH, 7);
    case 'dayOfMonth':
      return shareOfMonth(atMs);
    case 'monthOfYear':
      return new Date(atMs).getUTCMonth() + shareOfMonth(atMs);
  }
}

/** Seconds from an event to the example's moment. */
export function elapsedSeconds(eventMs: number, atMs: number): number {
  return (atMs - eventMs) / 1000;
}

/** Moments before 1970 are negative; the cycle is not. */
function positiveRemainder(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus;
}

function shareOfMonth(atMs: number): number {
  const at = new Date(atMs);
  const begin = Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
  const end = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1);
  return (atMs - begin) / (end - begin);
}

/** Blanks at the end, and an offset, are read after seconds alone. */
const MOMENT =
  /^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(\.\d{0,9})?(Z|[-+]\d{2}(?::?\d{2})?)?\s*)?)?$/;

/**
 * Milliseconds since 1970 of an ISO 8601 moment, UTC unless it has an offset; `NaN` for anything else. Digits beyond
 * microseconds do not count. The same as what DuckDB reads in files.
 */
export function parseMoment(text: string): number {
  const [whole, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', zone = 'Z'] =
    MOMENT.exec(text) ?? [];
  if (whole === undefined) return NaN;
  const [h, m, s] = [hour, minute, second].map(Number) as [number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isReal = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  const isDayEnd = h === 24 && m === 0 && s === 0 && Number(`0${fraction}0`) === 0;
  if (!isReal || (h > 23 && !isDayEnd) || m > 59 || s > 59) return NaN;
  const [, sign = '+', offsetHours = '0', offsetMinutes = '0'] = /^([-+])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '-' ? -1 : 1);
  const micros = Math.floor(Number(`0${fraction.slice(0, 7)}0`) * 1e6 + 1e-3);
  return date.getTime() + ((h * 60 + m - offset) * 60 + s) * 1000 + micros / 1000;
}
