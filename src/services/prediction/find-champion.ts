import { type RateIntervals } from '../../learning/evaluation/rate-intervals';
import { type ExplainerCertificate } from '../../learning/explanation/explanations';
import { type FeatureSpec, featureSpecSchema } from '../../learning/features/feature-spec';
import { currentSpec } from '../../learning/features/stored-spec';
import { type Database } from '../../platform/persistence/database';
import { type Servable } from './servable';

/** At some milliseconds a row, a thread is back with others in less than a tenth of a second. */
const EXPLAINED_TOGETHER = 16;

/** One index lookup each: the newest promotion, its version, and the newest configuration. */
const NEWEST = `
SELECT v.id, v.number, v.created_at, v.artifact_sha256, v.feature_spec, v.explainer, v.rate_intervals,
       r.preparation #>> '{split,train,to}' AS trained_until,
       COALESCE(c.threshold, v.recommended_threshold) AS threshold, COALESCE(l.share, 0) AS record_share
FROM promotions p
JOIN model_versions v ON v.tenant_id = p.tenant_id AND v.id = p.model_version_id
JOIN jobs r ON r.tenant_id = v.tenant_id AND r.id = v.run_id
LEFT JOIN LATERAL (
  SELECT d.threshold FROM domain_configurations d
  WHERE d.tenant_id = p.tenant_id AND d.kind = p.kind
  ORDER BY d.version DESC LIMIT 1
) c ON true
LEFT JOIN prediction_log_settings l ON l.tenant_id = p.tenant_id AND l.domain = p.kind
WHERE p.tenant_id = $1 AND p.kind = $2
ORDER BY p.sequence DESC LIMIT 1`;

interface Row {
  readonly id: string;
  readonly number: number;
  readonly created_at: Date;
  readonly artifact_sha256: string;
  readonly explainer: ExplainerCertificate | null;
  readonly rate_intervals: RateIntervals | null;
  readonly trained_until: string | null;
  readonly feature_spec: FeatureSpec;
  readonly threshold: number;
  readonly record_share: number;
}

/** The tenant's champion of a kind as the database has it now; null when nothing was ever promoted. */
export async function findChampion(
  database: Database,
  tenantId: string,
  kind: string,
): Promise<Servable | null> {
  const [row] = await database.inTenant(tenantId, (scope) => scope.query<Row>(NEWEST, [tenantId, kind]));
  if (!row) return null;
  return {
    version: {
      id: row.id,
      number: row.number,
      createdAt: row.created_at,
      trainedUntil: row.trained_until === null ? null : new Date(row.trained_until),
    },
    artifact: { tenantId, sha256: row.artifact_sha256 },
    explainer: row.explainer && {
      key: { tenantId, sha256: row.explainer.sha256, maxBatchRows: EXPLAINED_TOGETHER },
      certificate: row.explainer,
    },
    rateIntervals: row.rate_intervals,
    spec: featureSpecSchema.parse(currentSpec(row.feature_spec)),
    threshold: row.threshold,
    recordShare: row.record_share,
  };
}
