import { z } from 'zod';
import { columnName, featureName, numberEncoding } from '../spec-fields';

/** A hundred years: what is longer is meant otherwise. */
export const MAX_MINUTES = 100 * 365.25 * 24 * 60;
const MAX_KINDS = 100;

const minutes = z.number().positive().max(MAX_MINUTES);
const kindList = z.array(z.string().min(1)).min(1).max(MAX_KINDS);
/** Only events of these kinds; all events when absent. A kind that never occurs is no error. */
const kinds = kindList.optional();

const common = {
  type: z.literal('derived'),
  name: featureName,
  /**
   * The columns that an earlier event must share with the moment of prediction to be one of those that count: the
   * subject when absent, none for all events of all subjects. Where the moment lacks one, the value is missing.
   */
  by: z.array(columnName).max(4).optional(),
  /** Only events at most this long before the moment; at most one of the three. */
  withinMinutes: minutes.optional(),
  withinDays: z
    .number()
    .positive()
    .max(MAX_MINUTES / (24 * 60))
    .optional(),
  /** Only events of the subject's current session: empty once `sessionGapMinutes` have passed without an event. */
  withinSession: z.literal(true).optional(),
  /** Events count only after so long: where what they say is not known at once. */
  delayMinutes: z.number().nonnegative().max(MAX_MINUTES).optional(),
  ...numberEncoding,
};

/**
 * A number computed from events strictly before the moment of prediction: nothing at or after it is used, not even other
 * events of the same timestamp. No event gives a count or sum of 0; every other value is then missing.
 */
export const derivedFeature = z.discriminatedUnion('aggregate', [
  z.strictObject({
    ...common,
    /**
     * `count`: of events. `sessions`: of different sessions that they are of. `secondsSinceLast`, `secondsSinceFirst`:
     * from that event to the moment. `meanGapSeconds`: between one and the next, where there are at least two.
     */
    aggregate: z.enum(['count', 'sessions', 'secondsSinceLast', 'secondsSinceFirst', 'meanGapSeconds']),
    kinds,
  }),
  z.strictObject({
    ...common,
    /** Of the numbers in a column; events without one are passed over. The last is of the latest such event. */
    aggregate: z.enum(['sum', 'mean', 'min', 'max', 'last']),
    column: columnName,
    kinds,
  }),
  z.strictObject({
    ...common,
    /** How many different values a column has, the missing one not among them. */
    aggregate: z.literal('countDistinct'),
    column: columnName,
    kinds,
  }),
  z.strictObject({
    ...common,
    /**
     * Where the moment's own number in a column lies among those of earlier events, of whatever kind: the share that is
     * smaller, equal ones counted half. 0 to 1.
     */
    aggregate: z.literal('position'),
    column: columnName,
  }),
  z.strictObject({
    ...common,
    /** Events of the kinds `of` for each event of the kinds `among`, drawn towards the prior where there are few. */
    aggregate: z.literal('rate'),
    of: kindList,
    among: kindList,
    prior: z
      .strictObject({
        /** How many events of `among` the prior counts as: (of + strength · prior) / (among + strength). */
        strength: z.number().positive().max(1e9),
        /** When absent, the same rate in all events of all subjects so far, known at the moment. */
        rate: z.number().nonnegative().max(1e6).optional(),
      })
      .optional(),
  }),
]);

export type DerivedFeature = z.infer<typeof derivedFeature>;
