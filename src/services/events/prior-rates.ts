import { derivedFeatures, needsPrior, scopeOf } from '../../learning/features/derived/read-derived';
import { type PriorRates } from '../../learning/features/derived/compute-derived';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type TenantScope } from '../../platform/persistence/tenant-scope';

/** Events of each kind before a moment: those there are, which is known, less those since, which are few. */
const COUNTS = `
SELECT k.kind, (k.count - coalesce(later.count, 0))::double precision AS count
  FROM event_kinds k
  LEFT JOIN (
    SELECT e.kind, count(*) AS count FROM events e
     WHERE e.tenant_id = $1 AND e.domain = $2 AND e.kind = ANY ($3::text[]) AND e.at >= $4
     GROUP BY e.kind
  ) later ON later.kind = k.kind
 WHERE k.tenant_id = $1 AND k.domain = $2 AND k.kind = ANY ($3::text[])`;

/**
 * The rates of all events of a domain before a moment, for the features whose prior they are. Every event of the store
 * counts, also one that the specification could not use.
 */
export async function priorRates(
  scope: TenantScope,
  { domain, spec, before }: { readonly domain: string; readonly spec: FeatureSpec; readonly before: Date },
): Promise<PriorRates> {
  const rates: Record<string, number> = {};
  for (const feature of derivedFeatures(spec)) {
    if (feature.aggregate !== 'rate' || !needsPrior(feature)) continue;
    const { of, among } = feature;
    const until = new Date(before.getTime() - scopeOf(spec, feature).delayMs);
    const rows = await scope.query<{ kind: string; count: number }>(COUNTS, [
      scope.tenantId,
      domain,
      [...new Set([...of, ...among])],
      until.toISOString(),
    ]);
    const counts = new Map(rows.map(({ kind, count }) => [kind, count]));
    const sum = (kinds: readonly string[]) =>
      [...new Set(kinds)].reduce((total, kind) => total + (counts.get(kind) ?? 0), 0);
    rates[feature.name] = sum(among) > 0 ? sum(of) / sum(among) : NaN;
  }
  return rates;
}
