import { type TenantScope } from '../../platform/persistence/tenant-scope';

const REFERENCES = `
SELECT sha256 FROM datasets WHERE tenant_id = $1
 UNION SELECT sha256 FROM dataset_profiles WHERE tenant_id = $1
 UNION SELECT quarantine_sha256 FROM dataset_profiles WHERE tenant_id = $1
 UNION SELECT predictions_sha256 FROM model_versions WHERE tenant_id = $1 AND (retired_at IS NULL OR serves_until_replaced)
 UNION SELECT artifact_sha256 FROM model_versions WHERE tenant_id = $1 AND (retired_at IS NULL OR serves_until_replaced)
 UNION SELECT drift_reference_sha256 FROM model_versions WHERE tenant_id = $1 AND (retired_at IS NULL OR serves_until_replaced)
 UNION SELECT weights_sha256 FROM model_versions WHERE tenant_id = $1 AND retired_at IS NULL AND NOT trained_on_erased
 UNION SELECT explainer ->> 'sha256' FROM model_versions WHERE tenant_id = $1 AND (retired_at IS NULL OR serves_until_replaced)
 UNION SELECT f.sha256 FROM jobs CROSS JOIN LATERAL (
         VALUES (result #>> '{scores,sha256}'), (result #>> '{ranking,sha256}'), (result #>> '{quarantine,sha256}')
       ) AS f (sha256) WHERE tenant_id = $1 AND type = 'SCORING'
 UNION SELECT result ->> 'sha256' FROM subject_requests WHERE tenant_id = $1 AND type = 'EXPORT'`;

/** Those of some digests that nothing of the tenant has any more. */
export async function unreferenced(scope: TenantScope, digests: readonly string[]): Promise<string[]> {
  if (digests.length === 0) return [];
  const used = await scope.query<{ sha256: string }>(
    `SELECT sha256 FROM (${REFERENCES}) r WHERE sha256 = ANY ($2::text[])`,
    [scope.tenantId, digests],
  );
  const kept = new Set(used.map(({ sha256 }) => sha256));
  return [...new Set(digests)].filter((digest) => !kept.has(digest));
}
