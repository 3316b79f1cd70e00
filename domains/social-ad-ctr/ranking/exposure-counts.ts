import { type Exposure } from '../../../src/services/events/exposures';
import { type FrequencyCap } from '../policy/ad-policy-schema';
import { type AdExposureInput } from './rank-ads-input';

const HOUR_MS = 3_600_000;

/** How often a member was shown something within a cap's hours, before a moment. */
export type ExposuresOf = (cap: Pick<FrequencyCap, 'of' | 'hours'>, id: string) => number;

/** Counted from what the member saw: events of the given kinds. */
export function countedExposures(
  seen: readonly Exposure[],
  { before, kinds }: { readonly before: Date; readonly kinds: readonly string[] },
): ExposuresOf {
  const shown = seen.filter(({ kind }) => kinds.includes(kind));
  const counts = new Map<string, ReadonlyMap<string, number>>();
  const count = ({ of, hours }: Pick<FrequencyCap, 'of' | 'hours'>) => {
    const found = new Map<string, number>();
    const from = before.getTime() - hours * HOUR_MS;
    for (const { atMs, item, group } of shown) {
      const id = of === 'AD' ? item : group;
      if (id !== null && atMs >= from) found.set(id, (found.get(id) ?? 0) + 1);
    }
    return found;
  };
  return (cap, id) => {
    const key = `${cap.of} ${cap.hours}`;
    let found = counts.get(key);
    if (!found) counts.set(key, (found = count(cap)));
    return found.get(id) ?? 0;
  };
}

/** As the request tells it. */
export function givenExposures(given: readonly AdExposureInput[]): ExposuresOf {
  const keyOf = ({ of, hours }: Pick<FrequencyCap, 'of' | 'hours'>, id: string) => `${of} ${hours} ${id}`;
  const counts = new Map(given.map((exposure) => [keyOf(exposure, exposure.id), exposure.count]));
  return (cap, id) => counts.get(keyOf(cap, id)) ?? 0;
}
