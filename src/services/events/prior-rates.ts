import { canonicalCategory } from '../../learning/features/category';
import { derivedFeatures, needsPrior, scopeOf } from '../../learning/features/derived/read-derived';
import { type PriorRates } from '../../learning/features/derived/compute-derived';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { ALL_EVENTS, keyOf } from './keys/event-index';
import { countsBefore } from './keys/key-aggregates';

/** Events of each kind before a moment: those there are, which is known, less those since, one by one. */
const COUNTS = `
SELECT k.kind, (k.count - coalesce(later.count, 0))::double precision AS count
  FROM event_kinds k
  LEFT JOIN (
    SELECT e.kind, count(*) AS count FROM events e
     WHERE e.tenant_id = $1 AND e.domain = $2 AND e.kind = ANY ($3::text[]) AND e.at >= $4
     GROUP BY e.kind
  ) later ON later.kind = k.kind
 WHERE k.tenant_id = $1 AND k.domain = $2 AND k.kind = ANY ($3::text[])`;

export interface PriorRatesQuestion {
  readonly domain: string;
  readonly spec: FeatureSpec;
  readonly before: Date;
  /** The index of all events, once it has them all. */
  readonly indexId: number | undefined;
}

/**
 * The rates of all events of a domain before a moment, for the features whose prior they are. Every event of the store
 * counts, also one that the specification could not use. Without an index, the events since the moment are counted.
 */
export async function priorRates(
  scope: TenantScope,
  { domain, spec, before, indexId }: PriorRatesQuestion,
): Promise<PriorRates> {
  const features = derivedFeatures(spec).flatMap((feature) =>
    feature.aggregate === 'rate' && needsPrior(feature) ? [feature] : [],
  );
  const untilOf = (feature: (typeof features)[number]) => before.getTime() - scopeOf(spec, feature).delayMs;
  const rates: Record<string, number> = {};
  for (const until of new Set(features.map(untilOf))) {
    const ofMoment = features.filter((feature) => untilOf(feature) === until);
    const kinds = [...new Set(ofMoment.flatMap(({ of, among }) => [...of, ...among]))];
    const counts = await countKinds(scope, { domain, indexId, kinds, before: new Date(until) });
    const sum = (wanted: readonly string[]) =>
      [...new Set(wanted)].reduce((total, kind) => total + (counts.get(kind) ?? 0), 0);
    for (const { name, of, among } of ofMoment) rates[name] = sum(among) > 0 ? sum(of) / sum(among) : NaN;
  }
  return rates;
}

async function countKinds(
  scope: TenantScope,
  {
    domain,
    indexId,
    kinds,
    before,
  }: Pick<PriorRatesQuestion, 'domain' | 'indexId' | 'before'> & { readonly kinds: readonly string[] },
): Promise<ReadonlyMap<string, number>> {
  // An index has kinds as categories are known, which truth values have several spellings of.
  const areTold = kinds.every((kind) => !['true', 'false'].includes(canonicalCategory(kind)));
  const key = keyOf(ALL_EVENTS.by);
  if (indexId !== undefined && key !== null && areTold)
    return countsBefore(scope, { domain, indexId, key, kinds, before });
  const rows = await scope.query<{ kind: string; count: number }>(COUNTS, [
    scope.tenantId,
    domain,
    kinds,
    before.toISOString(),
  ]);
  return new Map(rows.map(({ kind, count }) => [kind, count]));
}
