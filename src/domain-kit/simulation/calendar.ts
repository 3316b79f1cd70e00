import { type Random } from './random';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** 0 up to 24, UTC. */
export const hourOfDay = (at: number): number => (at % DAY) / HOUR;

/** Monday is 0, UTC. The epoch was a Thursday. */
export const dayOfWeek = (at: number): number => (Math.floor(at / DAY) + 3) % 7;

/** Saturday and Sunday, UTC. */
export const isWeekend = (at: number): boolean => dayOfWeek(at) >= 5;

/** A moment on the day of `at`, its hour drawn by 24 weights; whole seconds. */
export function atTypicalHour(at: number, weights: readonly number[], random: Random): number {
  const midnight = at - (at % DAY);
  return midnight + random.weighted(weights) * HOUR + random.below(3600) * SECOND;
}
