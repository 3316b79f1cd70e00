import { daysOf } from '../date-time';

const DAY_MS = 86_400_000;
/** Bytes of the usual forms. */
export const SHORT_MOMENT = '"2025-03-21T19:40:00Z"'.length;
export const LONG_MOMENT = '"2025-03-21T19:40:00.000Z"'.length;

/**
 * The moment of `"2025-03-21T19:40:00Z"` or `"2025-03-21T19:40:00.000Z"`, as nearly every client writes them, in
 * milliseconds since 1970; NaN where it has another form, or is no moment.
 */
export function momentIn(bytes: Uint8Array, at: number): number {
  const isLong = bytes[at + 20] === 0x2e;
  const end = at + (isLong ? LONG_MOMENT : SHORT_MOMENT) - 1;
  const hasForm =
    bytes[at] === 0x22 &&
    bytes[at + 5] === 0x2d &&
    bytes[at + 8] === 0x2d &&
    bytes[at + 11] === 0x54 &&
    bytes[at + 14] === 0x3a &&
    bytes[at + 17] === 0x3a &&
    bytes[end - 1] === 0x5a &&
    bytes[end] === 0x22;
  if (!hasForm) return NaN;
  const year = 100 * pair(bytes, at + 1) + pair(bytes, at + 3);
  const month = pair(bytes, at + 6);
  const day = pair(bytes, at + 9);
  const hour = pair(bytes, at + 12);
  const minute = pair(bytes, at + 15);
  const second = pair(bytes, at + 18);
  const millis = isLong ? 10 * pair(bytes, at + 21) + digit(bytes, at + 23) : 0;
  // Years below 100 and leap seconds are left to others.
  const isDate = year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(month, year);
  if (!isDate || hour > 23 || minute > 59 || second > 59) return NaN;
  if (hour < 0 || minute < 0 || second < 0 || millis < 0) return NaN;
  return daysSince1970(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000 + millis;
}

/** So far below that no sum with it is within bounds. */
const NO_DIGIT = -1_000_000;

function digit(bytes: Uint8Array, at: number): number {
  const value = (bytes[at] ?? 0) - 0x30;
  return value >= 0 && value <= 9 ? value : NO_DIGIT;
}

const pair = (bytes: Uint8Array, at: number): number => 10 * digit(bytes, at) + digit(bytes, at + 1);

/** Years begin in March here, so that the day that some years have more is their last. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const m = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return 365 * y + leapDays + Math.floor((153 * m + 2) / 5) + day - 719_469;
}
