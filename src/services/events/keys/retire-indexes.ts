import { type FeatureSpec } from '../../../learning/features/feature-spec';
import { currentSpec } from '../../../learning/features/stored-spec';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { lockStore } from '../lock-store';
import { definitionOf } from './event-index';
import { indexesFor } from './indexes-for';

/** Rows that are removed in one transaction. */
const PAGE = 5_000;

/** The configuration in force, and every version that serves, served, or can be rolled back to. */
const NEEDED_SPECS = `
SELECT feature_spec AS spec FROM (
  SELECT feature_spec FROM domain_configurations WHERE tenant_id = $1 AND kind = $2 ORDER BY version DESC LIMIT 1
) c
 UNION
SELECT v.feature_spec FROM model_versions v
 WHERE v.tenant_id = $1 AND v.kind = $2 AND v.retired_at IS NULL
   AND EXISTS (SELECT FROM promotions p WHERE p.tenant_id = $1 AND p.kind = $2 AND p.model_version_id = v.id)`;

/** Not asked by anybody for so long, as SQL: a version that is tried out is asked every day. */
export type Unused = '30 days' | '1 day';

/**
 * Retires the indexes of a domain that were not used for a while and that no specification needs which serves or can be
 * rolled back to: events are not added to them any more. Those that are needed count as used.
 */
export async function retireIndexes(scope: TenantScope, domain: string, unused: Unused): Promise<void> {
  // Nobody appends meanwhile, and so nobody adds to an index that is being removed.
  await lockStore(scope, domain);
  const specs = await scope.query<{ spec: FeatureSpec }>(NEEDED_SPECS, [scope.tenantId, domain]);
  const needed = specs.flatMap(({ spec }) => indexesFor(currentSpec(spec)).map(definitionOf));
  await scope.query(
    `UPDATE event_indexes SET used_at = CASE WHEN definition = ANY ($3::text[]) THEN now() ELSE used_at END,
            retired_at = CASE WHEN definition = ANY ($3::text[]) THEN NULL ELSE now() END
      WHERE tenant_id = $1 AND domain = $2 AND retired_at IS NULL AND used_at < now() - $4::interval`,
    [scope.tenantId, domain, needed, unused],
  );
}

/** Removes a page of what is in a retired index, or the index, once nothing is. */
export async function removePage(scope: TenantScope, indexId: number): Promise<void> {
  for (const table of ['event_index_entries', 'event_index_counts']) {
    const gone = await scope.query<object>(
      `DELETE FROM ${table} WHERE tenant_id = $1 AND index_id = $2 AND ctid = ANY (ARRAY(
         SELECT ctid FROM ${table} WHERE tenant_id = $1 AND index_id = $2 LIMIT ${PAGE})) RETURNING 1`,
      [scope.tenantId, indexId],
    );
    if (gone.length > 0) return;
  }
  await scope.query('DELETE FROM event_indexes WHERE tenant_id = $1 AND id = $2 AND retired_at IS NOT NULL', [
    scope.tenantId,
    indexId,
  ]);
}
