import { type RateIntervals } from '../../learning/evaluation/rate-intervals';
import { type ExplainerCertificate } from '../../learning/explanation/explanations';
import { type FeatureSpec, featureSpecSchema } from '../../learning/features/feature-spec';
import { currentSpec } from '../../learning/features/stored-spec';
import { type Database } from '../../platform/persistence/database';
import { type Servable } from './servable';
import { type ChallengerMode } from './trials/running-challenger';

/** At some milliseconds a row, a thread is back with others in less than a tenth of a second. */
const EXPLAINED_TOGETHER = 16;

/** One index lookup each: the newest promotion, the challenger that runs, their versions, and the newest configuration. */
const NEWEST = `
WITH serving AS (
  (SELECT model_version_id, NULL::uuid AS challenger_id, NULL::uuid AS trial_id, NULL AS mode,
          NULL::double precision AS share
     FROM promotions WHERE tenant_id = $1 AND kind = $2 ORDER BY sequence DESC LIMIT 1)
  UNION ALL
  SELECT c.model_version_id, c.id, c.trial_id, t.mode, t.share
    FROM challengers c
    JOIN challenger_trials t ON t.tenant_id = c.tenant_id AND t.id = c.trial_id
   WHERE c.tenant_id = $1 AND c.kind = $2 AND c.ended_at IS NULL
)
SELECT v.id, v.number, v.created_at, v.artifact_sha256, v.feature_spec, v.explainer, v.rate_intervals,
       r.preparation #>> '{split,train,to}' AS trained_until,
       COALESCE(c.threshold, v.recommended_threshold) AS threshold, COALESCE(l.share, 0) AS record_share,
       s.challenger_id, s.trial_id, s.mode, s.share
FROM serving s
JOIN model_versions v ON v.tenant_id = $1 AND v.id = s.model_version_id
JOIN jobs r ON r.tenant_id = v.tenant_id AND r.id = v.run_id
LEFT JOIN LATERAL (
  SELECT d.threshold FROM domain_configurations d
  WHERE d.tenant_id = $1 AND d.kind = $2
  ORDER BY d.version DESC LIMIT 1
) c ON true
LEFT JOIN prediction_log_settings l ON l.tenant_id = $1 AND l.domain = $2
WHERE v.retired_at IS NULL OR v.serves_until_replaced`;

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
  /** Null for the champion; the other three belong to a challenger. */
  readonly challenger_id: string | null;
  readonly trial_id: string;
  readonly mode: ChallengerMode;
  readonly share: number;
}

/** The tenant's champion of a kind with its challenger, as the database has them now; null when nothing was ever promoted. */
export async function findChampion(
  database: Database,
  tenantId: string,
  kind: string,
): Promise<Servable | null> {
  const rows = await database.inTenant(tenantId, (scope) => scope.query<Row>(NEWEST, [tenantId, kind]));
  const champion = rows.find(({ challenger_id: id }) => id === null);
  const challenger = rows.find(({ challenger_id: id }) => id !== null);
  if (!champion) return null;
  return {
    ...servable(tenantId, champion),
    challenger:
      challenger?.challenger_id == null || challenger.id === champion.id
        ? null
        : {
            id: challenger.challenger_id,
            trialId: challenger.trial_id,
            mode: challenger.mode,
            share: challenger.share,
            servable: servable(tenantId, challenger),
          },
  };
}

function servable(tenantId: string, row: Row): Servable {
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
