import { z } from 'zod';

const part = z.number().positive().max(1_000_000_000).optional();

/** A length of time: the sum of its parts, of which there is at least one. */
export const durationSchema = z
  .strictObject({ minutes: part, hours: part, days: part })
  .refine(
    ({ minutes, hours, days }) => minutes != null || hours != null || days != null,
    'a duration has minutes, hours or days',
  );

export type Duration = z.infer<typeof durationSchema>;

const MINUTE_MS = 60_000;

export function durationMs({ minutes = 0, hours = 0, days = 0 }: Duration): number {
  return (minutes + 60 * (hours + 24 * days)) * MINUTE_MS;
}
