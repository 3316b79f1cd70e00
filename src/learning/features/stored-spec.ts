import { durationMs, durationSchema } from './duration';
import { type FeatureSpec } from './feature-spec';

/** Keys that specifications once had, and where what they said is said now. */
export const FORMER_KEYS: Readonly<Record<string, string>> = {
  sessionGap: 'sessionGapMinutes, beside features',
  until: 'dataUntil, beside features: the first moment that is left out',
};

type Stored = Readonly<Record<string, unknown>>;

/**
 * A specification as it is written now, of one that was stored whenever. What was said in two places is what was used:
 * sessions of derived features keep their own pause, and of two ends of the data the earlier one counts.
 */
export function currentSpec(stored: FeatureSpec): FeatureSpec {
  const spec = stored as unknown as Stored;
  const { sessionGap, ...label } = spec['label'] as Stored;
  const { until, ...cleaning } = (spec['cleaning'] ?? {}) as Stored;
  const gap = durationSchema.safeParse(sessionGap).data;
  const isKept = typeof until !== 'string';
  if (!gap && isKept) return stored;
  return {
    ...spec,
    label,
    ...(gap && spec['sessionGapMinutes'] === undefined && { sessionGapMinutes: durationMs(gap) / 60_000 }),
    cleaning: Object.keys(cleaning).length > 0 ? cleaning : undefined,
    ...(isKept ? {} : { dataUntil: endAfter(until, spec['dataUntil'] as string | undefined) }),
  } as unknown as FeatureSpec;
}

/** The end of data whose last moment is this one, or the end that is given if it comes before. */
export function endAfter(last: string, given?: string): string {
  const end = new Date(Date.parse(last) + 1).toISOString();
  return given !== undefined && Date.parse(given) < Date.parse(end) ? given : end;
}
