const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 1970-01-01 was a Thursday; weeks start on Monday. */
const DAYS_FROM_MONDAY_AT_EPOCH = 3;

/** Moments outside these years are typing errors, in files as in requests. */
export const EARLIEST_MOMENT_MS = Date.UTC(1900, 0, 1);
export const LATEST_MOMENT_MS = Date.UTC(2200, 0, 1);

export type CyclicPart = 'hourOfDay' | 'dayOfWeek';

/** Raw units in one turn of the cycle. */
export const CYCLE_PERIOD: Readonly<Record<CyclicPart, number>> = { hourOfDay: 24, dayOfWeek: 7 };

/**
 * The part of a moment that a cyclic feature reads, in UTC: hours [0, 24) or days since Monday 00:00 [0, 7),
 * both with their fraction.
 */
export function cyclicValue(part: CyclicPart, atMs: number): number {
  switch (part) {
    case 'hourOfDay':
      return positiveRemainder(atMs, DAY_MS) / HOUR_MS;
    case 'dayOfWeek':
      return positiveRemainder(atMs / DAY_MS + DAYS_FROM_MONDAY_AT_EPOCH, 7);
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
