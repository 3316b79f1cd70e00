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
  /** `within: "session"`: a session goes on while the data ends less than this after its last event; 30 minutes. */
  sessionGap: durationSchema.optional(),
};
const hasOneWindow = (label: { withinMinutes?: unknown; within?: unknown }) =>
  (label.withinMinutes === undefined) !== (label.within === undefined);
const windowMissing = { path: ['within'], message: 'give within or withinMinutes' };

export const labelSchema = z.union([
  /** The label is a column: of the row (TABLE), or of the event that is the moment of prediction (EVENTS). */
  z.strictObject({
    column,
    positive: z.array(z.string()).min(1).default(['1', 'true', 'TRUE', 'True', 'yes']),
  }),
  /** Positive is a number within bounds. */
  z.strictObject({ column, ...bounds }).refine(isBounded, 'give a bound such as atLeast'),
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
const DEFAULT_SESSION_GAP_MS = 30 * MINUTE_MS;

/** Null where the label is a column, or there is none. */
export function eventLabelOf(label: LabelSpec | Unlabelled): EventLabel | null {
  if ('column' in label || 'isUnlabelled' in label) return null;
  const { within, withinMinutes = 0, sessionGap, where = null } = label;
  const isAbsence = 'noEvent' in label;
  return {
    kind: isAbsence ? label.noEvent : label.event,
    where,
    isAbsence,
    windowMs:
      within === 'session' ? null : within === undefined ? withinMinutes * MINUTE_MS : durationMs(within),
    sessionGapMs: sessionGap ? durationMs(sessionGap) : DEFAULT_SESSION_GAP_MS,
  };
}
