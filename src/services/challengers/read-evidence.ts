import { LOG_LOSS_CLIP } from '../../learning/evaluation/calibration-metrics';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { firstIdAt } from '../prediction/log/prediction-id';
import { type PredictionRole } from '../prediction/log/recorded-prediction';
import { type ChallengerMode } from '../prediction/trials/running-challenger';
import { TRIAL_EVENTS, type TrialEvent } from '../prediction/trials/trial-counts';
import { type SideSums, type TrialEvidence } from './judge-trial';

/** Predictions of a trial that are compared: the first ones. So many decide, and a look stays short. */
const MAX_PREDICTIONS = 200_000;

const loss = (probability: string): string =>
  `-ln(greatest(CASE WHEN o.label THEN ${probability} ELSE 1 - ${probability} END, ${LOG_LOSS_CLIP}))`;

/** Each subject's losses added up, and then sums over subjects: what is read does not grow with what is compared. */
const SHADOW = `
SELECT count(*)::integer AS subjects, coalesce(sum(positives), 0)::integer AS positives, coalesce(sum(n), 0) AS n, coalesce(sum(n * n), 0) AS nn,
       coalesce(sum(x), 0) AS x, coalesce(sum(x * x), 0) AS xx, coalesce(sum(x * n), 0) AS xn,
       coalesce(sum(y), 0) AS y, coalesce(sum(y * y), 0) AS yy, coalesce(sum(y * n), 0) AS yn,
       coalesce(sum(y - x), 0) AS d, coalesce(sum((y - x) * (y - x)), 0) AS dd, coalesce(sum((y - x) * n), 0) AS dn
  FROM (
    SELECT count(*)::double precision AS n, count(*) FILTER (WHERE o.label) AS positives, sum(${loss('p.probability')}) AS x, sum(${loss('s.probability')}) AS y
      FROM (SELECT id, subject, shadow_of, probability FROM predictions
             WHERE tenant_id = $1 AND trial_id = $2 AND id < $3 AND shadow_of IS NOT NULL
             ORDER BY id LIMIT ${MAX_PREDICTIONS}) s
      JOIN predictions p ON p.tenant_id = $1 AND p.id = s.shadow_of
      JOIN outcomes o ON o.tenant_id = $1 AND o.prediction_id = p.id
     GROUP BY coalesce(s.subject, s.id::text)) per_subject`;

const CANARY = `
SELECT role, count(*)::integer AS subjects, sum(positives)::integer AS positives, sum(n) AS n, sum(n * n) AS nn, sum(x) AS x, sum(x * x) AS xx, sum(x * n) AS xn
  FROM (
    SELECT s.role, count(*)::double precision AS n, count(*) FILTER (WHERE o.label) AS positives, sum(${loss('s.probability')}) AS x
      FROM (SELECT id, subject, role, probability FROM predictions
             WHERE tenant_id = $1 AND trial_id = $2 AND id < $3 AND shadow_of IS NULL
             ORDER BY id LIMIT ${MAX_PREDICTIONS}) s
      JOIN outcomes o ON o.tenant_id = $1 AND o.prediction_id = s.id
     GROUP BY s.role, coalesce(s.subject, s.id::text)) per_subject
 GROUP BY role`;

interface Sums {
  readonly positives: number;
  readonly subjects: number;
  readonly n: number;
  readonly nn: number;
  readonly x: number;
  readonly xx: number;
  readonly xn: number;
}
type ShadowRow = Sums & Readonly<Record<'y' | 'yy' | 'yn' | 'd' | 'dd' | 'dn', number>>;
type CountsRow = Readonly<Record<TrialEvent, number>> & { readonly role: PredictionRole };

const NO_SUMS: SideSums = { positives: 0, subjects: 0, count: 0, x: 0, xx: 0, xn: 0, nn: 0 };

/** What a trial has shown so far. Of predictions that are younger than the delay nothing is read. */
export async function readEvidence(
  scope: TenantScope,
  trial: { readonly id: string; readonly mode: ChallengerMode },
  outcomeDelayHours: number,
): Promise<TrialEvidence> {
  const parameters = [
    scope.tenantId,
    trial.id,
    firstIdAt(new Date(Date.now() - outcomeDelayHours * 3_600_000)),
  ];
  const counted = await scope.query<CountsRow>(
    `SELECT role, ${TRIAL_EVENTS.join(', ')} FROM challenger_counts WHERE tenant_id = $1 AND trial_id = $2`,
    parameters.slice(0, 2),
  );
  const counts = { champion: countsOf(counted, 'CHAMPION'), challenger: countsOf(counted, 'CHALLENGER') };
  if (trial.mode === 'CANARY') {
    const rows = await scope.query<Sums & { readonly role: PredictionRole }>(CANARY, parameters);
    const sideOf = (role: PredictionRole): SideSums => {
      const row = rows.find((each) => each.role === role);
      return row ? sumsOf(row) : NO_SUMS;
    };
    return { champion: sideOf('CHAMPION'), challenger: sideOf('CHALLENGER'), paired: null, counts };
  }
  const [row] = await scope.query<ShadowRow>(SHADOW, parameters);
  if (!row) throw new Error('an aggregate has no row');
  const { subjects, positives, n, nn, y, yy, yn, d, dd, dn } = row;
  return {
    champion: sumsOf(row),
    challenger: sumsOf({ subjects, positives, n, nn, x: y, xx: yy, xn: yn }),
    paired: sumsOf({ subjects, positives, n, nn, x: d, xx: dd, xn: dn }),
    counts,
  };
}

function sumsOf({ subjects, positives, n, x, xx, xn, nn }: Sums): SideSums {
  return { subjects, positives, count: n, x, xx, xn, nn };
}

function countsOf(rows: readonly CountsRow[], role: PredictionRole): Record<TrialEvent, number> {
  const row = rows.find((each) => each.role === role);
  return Object.fromEntries(TRIAL_EVENTS.map((event) => [event, row?.[event] ?? 0])) as Record<
    TrialEvent,
    number
  >;
}
