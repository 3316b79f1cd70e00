import { z } from 'zod';
import { durationMs, durationSchema } from './duration';
import { ANY_KIND } from './label-spec';
import { EARLIEST_MOMENT_MS, LATEST_MOMENT_MS } from './moment';

const MAX_DATES = 1000;
const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** Milliseconds since 1970 of an ISO 8601 date or moment, UTC where it has no offset; NaN for anything else. */
export function dateMs(text: string): number {
  if (!ISO.test(text)) return NaN;
  const ms = Date.parse(text.length > 10 && !/(Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text);
  return ms >= EARLIEST_MOMENT_MS && ms < LATEST_MOMENT_MS ? ms : NaN;
}

export const dateSchema = z
  .string()
  .refine((text) => !Number.isNaN(dateMs(text)), 'give an ISO 8601 date between the years 1900 and 2200');

/** EVENTS: when a prediction is asked for; one of the three. */
export const momentFields = {
  /** At each event of these kinds (`*`: of any). */
  momentKinds: z.array(z.string().min(1)).min(1).optional(),
  /** At these dates, for every subject that has an event before: a list, or every so often. */
  momentDates: z
    .union([
      z.array(dateSchema).min(1).max(MAX_DATES),
      z.strictObject({ from: dateSchema, until: dateSchema, every: durationSchema }),
    ])
    .optional(),
  /** At the n-th event of each subject, or of each session. */
  momentEvent: z
    .strictObject({ nth: z.int().min(1).max(10_000), of: z.enum(['subject', 'session']) })
    .optional(),
};

export type MomentsSpec = {
  readonly [K in keyof typeof momentFields]?: z.infer<(typeof momentFields)[K]>;
};

/** The moments that are dates, ascending, in milliseconds since 1970; null where moments are events. */
export function momentDatesOf({ momentDates }: MomentsSpec): number[] | null {
  if (momentDates === undefined) return null;
  if (Array.isArray(momentDates)) return [...new Set(momentDates.map(dateMs))].sort((a, b) => a - b);
  const [from, until, step] = [momentDates.from, momentDates.until, momentDates.every].map((part) =>
    typeof part === 'string' ? dateMs(part) : durationMs(part),
  ) as [number, number, number];
  const count = Math.max(0, Math.floor((until - from) / step) + 1);
  // One more than is allowed is enough to be refused.
  return Array.from({ length: Math.min(count, MAX_DATES + 1) }, (_, index) => from + index * step);
}

/** What is wrong with the moments of an EVENTS spec, by path. */
export function momentProblems(spec: MomentsSpec): Array<readonly [path: string, message: string]> {
  const given = (['momentKinds', 'momentDates', 'momentEvent'] as const).filter(
    (key) => spec[key] !== undefined,
  );
  if (given.length === 0)
    return [
      [
        'momentKinds',
        'EVENTS data needs the moments of prediction: momentKinds, the kinds of event that are moments, or momentDates or momentEvent',
      ],
    ];
  const second = given[1];
  if (second) return [[second, `give one of ${given.join(' and ')}`]];
  const dates = momentDatesOf(spec)?.length;
  if (dates === 0) return [['momentDates.until', 'lies before from']];
  if (dates !== undefined && dates > MAX_DATES)
    return [['momentDates.every', `makes more than ${MAX_DATES} dates`]];
  return [];
}

/** Whether an event of this kind may be a moment of prediction; with `momentEvent`, each may be. */
export function mayBeMoment({ momentKinds, momentDates }: MomentsSpec, kind: string): boolean {
  if (momentDates !== undefined) return false;
  return momentKinds === undefined || momentKinds.includes(ANY_KIND) || momentKinds.includes(kind);
}
