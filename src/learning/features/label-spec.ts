import { z } from 'zod';
import { durationMs, durationSchema } from './duration';
import { type Unlabelled } from './unlabelled';

const column = z.string().min(1).max(200);

/** Bounds of a number: all that are given hold. */
const bounds = {
  atLeast: z.number().optional(),
  above: z.number().optional(),
  atMost: z.number().optional(),
  below: z.number().optional(),
};
const isBounded = (given: Readonly<Record<string, unknown>>) =>
  Object.keys(bounds).some((key) => given[key] !== undefined);

/** What an event's column must hold. */
const conditionSchema = z
  .strictObject({ column, oneOf: z.array(z.string().min(1)).min(1).optional(), ...bounds })
  .refine(
    (condition) => (condition.oneOf !== undefined) !== isBounded(condition),
    'give oneOf, or bounds such as atLeast',
  );

/** Every kind of event, where one is to be named. */
export const ANY_KIND = '*';

const eventWindow = {
  /** Only events whose column holds this. */
  where: conditionSchema.optional(),
  withinMinutes: z.number().positive().optional(),
  /** A duration, or to the end of the moment's session. */
  within: z.union([durationSchema, z.literal('session')]).optional(),
};
const hasOneWindow = (label: { withinMinutes?: unknown; within?: unknown }) =>
  (label.withinMinutes === undefined) !== (label.within === undefined);
const windowMissing = { path: ['within'], message: 'give within or withinMinutes' };

const POSITIVE = ['1', 'true', 'TRUE', 'True', 'yes'];

/**
 * The label is a column: of the row (TABLE), or of the event that is the moment of prediction (EVENTS). Positive is one of
 * these values, or a number within bounds. One form, so that a bound that is no number is said to be that, and not a
 * key that the other form does not know.
 */
const columnLabel = z
  .strictObject({ column, positive: z.array(z.string()).min(1).optional(), ...bounds })
  .refine((label) => label.positive === undefined || !isBounded(label), 'give positive or bounds, not both')
  .transform(({ positive, ...label }) =>
    isBounded(label) ? label : { column: label.column, positive: positive ?? POSITIVE },
  );

export const labelSchema = z.union([
  columnLabel,
  /** EVENTS only. True when an event of this kind (`*`: of any) follows within the window after the moment. */
  z.strictObject({ event: z.string().min(1), ...eventWindow }).refine(hasOneWindow, windowMissing),
  /** EVENTS only. True when none follows. */
  z.strictObject({ noEvent: z.string().min(1), ...eventWindow }).refine(hasOneWindow, windowMissing),
]);

export type LabelSpec = z.infer<typeof labelSchema>;
export type Condition = z.infer<typeof conditionSchema>;
export type Bounds = Pick<Condition, 'atLeast' | 'above' | 'atMost' | 'below'>;

/** A label that is a column. */
export type ColumnLabel = Extract<LabelSpec, { column: string }>;

/** A label that later events decide. */
export interface EventLabel {
  readonly kind: string;
  readonly where: Condition | null;
  /** Whether the event makes the label negative. */
  readonly isAbsence: boolean;
  /** How long after the moment it looks; null: to the end of the session. */
  readonly windowMs: number | null;
  readonly sessionGapMs: number;
}

const MINUTE_MS = 60_000;
const DEFAULT_SESSION_GAP_MINUTES = 30;

/**
 * Null where the label is a column, or there is none.
 * @param sessionGapMinutes the specification's own
 */
export function eventLabelOf(
  label: LabelSpec | Unlabelled,
  sessionGapMinutes = DEFAULT_SESSION_GAP_MINUTES,
): EventLabel | null {
  if ('column' in label || 'isUnlabelled' in label) return null;
  const { within, withinMinutes = 0, where = null } = label;
  const isAbsence = 'noEvent' in label;
  return {
    kind: isAbsence ? label.noEvent : label.event,
    where,
    isAbsence,
    windowMs:
      within === 'session' ? null : within === undefined ? withinMinutes * MINUTE_MS : durationMs(within),
    sessionGapMs: Math.round(sessionGapMinutes * MINUTE_MS),
  };
}
