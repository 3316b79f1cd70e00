import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { OLDEST_EVENT, removeOldEvents } from './remove-events';

/** What is kept for a period that the tenant sets. */
export const RETENTION_KINDS = [
  'EXPORTS',
  'EVENTS',
  'DATASETS',
  'SNAPSHOTS',
  'SCORINGS',
  'REFUSED_ROWS',
  'ALERTS',
  'DRIFT_REPORTS',
  'RUN_LOGS',
] as const;
export type RetentionKind = (typeof RETENTION_KINDS)[number];

/** Unless the tenant sets another: null is for ever. */
export const DEFAULT_DAYS: Readonly<Record<RetentionKind, number | null>> = {
  EXPORTS: 7,
  EVENTS: null,
  DATASETS: null,
  SNAPSHOTS: null,
  SCORINGS: null,
  REFUSED_ROWS: null,
  ALERTS: null,
  DRIFT_REPORTS: null,
  RUN_LOGS: null,
};

export const MOST_DAYS = 3_650;

/** What one batch removed. */
export interface Removed {
  readonly count: number;
  /** The objects that these had. */
  readonly digests: readonly string[];
  /** Of their files. */
  readonly bytes: number;
}

/** How things of a kind are found and removed. */
export interface Removal {
  /** Of the tenant `$1`, `at`: since when the oldest is kept that is there. */
  readonly oldest: string;
  /**
   * Removes a batch of the oldest that are kept since before a moment. What another worker is removing, or somebody is beginning
   * to use, is passed over.
   */
  readonly remove: (scope: TenantScope, before: Date) => Promise<Removed>;
}

/** By a statement over `$1`, the tenant, and `$2`, the moment, that gives a row for each. */
function bySql(sql: string): Removal['remove'] {
  return async (scope, before) => {
    const gone = await scope.query<{ digests: string[]; bytes: number }>(sql, [scope.tenantId, before]);
    return {
      count: gone.length,
      digests: [...new Set(gone.flatMap(({ digests }) => digests))],
      bytes: gone.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  };
}

/** Of one transaction. */
const FILES = 100;
const ROWS = 1_000;

/** A subject that is being erased is looked for in files: those stay until it is done. */
const NO_ERASURE = `NOT EXISTS (
  SELECT FROM subject_requests e WHERE e.tenant_id = $1 AND e.type = 'ERASURE' AND e.finished_at IS NULL)`;

const isSnapshot = 'EXISTS (SELECT FROM event_snapshots s WHERE s.tenant_id = $1 AND s.dataset_id = d.id)';

/** Which files of a sort may go: none that a job or a study reads or will read, and of an entity never the one that is in force. */
function removable(which: string): string {
  return `d.tenant_id = $1 AND d.state = 'READY' AND ${which} AND ${NO_ERASURE}
     AND NOT EXISTS (
       SELECT FROM jobs j WHERE j.tenant_id = $1 AND j.finished_at IS NULL
          AND (j.dataset_id = d.id OR j.entities @> jsonb_build_array(jsonb_build_object('datasetId', d.id::text))))
     AND NOT EXISTS (SELECT FROM training_studies s WHERE s.tenant_id = $1 AND s.dataset_id = d.id AND s.finished_at IS NULL)
     AND (d.entity IS NULL OR EXISTS (
       SELECT FROM datasets n WHERE n.tenant_id = $1 AND n.kind = d.kind AND n.entity = d.entity AND n.state = 'READY'
          AND (n.uploaded_at, n.id) > (d.uploaded_at, d.id)))`;
}

const REJECTION = JSON.stringify({
  code: 'NOT_FOUND',
  message:
    'Its file was removed, because your tenant keeps files no longer than that: send it again if it is needed.',
  issues: [],
});

/** The dataset stays, for what was made of it, and says that its file is gone. */
function datasets(which: string): Removal {
  return {
    oldest: `SELECT min(d.uploaded_at) AS at FROM datasets d WHERE ${removable(which)}`,
    remove: bySql(`
WITH chosen AS MATERIALIZED (
  SELECT d.id, d.sha256, d.bytes FROM datasets d
   WHERE ${removable(which)} AND d.uploaded_at < $2
   ORDER BY d.uploaded_at LIMIT ${FILES} FOR UPDATE OF d SKIP LOCKED
), profiles AS (
  DELETE FROM dataset_profiles p USING chosen c
   WHERE p.tenant_id = $1 AND (p.dataset_id = c.id OR position(':' || c.id::text || ':' IN p.joined) > 0)
  RETURNING c.id, p.sha256, p.quarantine_sha256
), proposals AS (
  UPDATE cleaning_decisions q SET proposal = proposal || '{"example": null}' FROM chosen c
   WHERE q.tenant_id = $1 AND q.dataset_id = c.id
), changed AS (
  UPDATE datasets d
     SET state = 'REJECTED', sha256 = NULL, bytes = NULL, row_count = NULL, columns = NULL, column_sketches = NULL,
         quarantined_count = NULL, quarantine_sample = NULL, rejection = '${REJECTION}'
    FROM chosen c WHERE d.tenant_id = $1 AND d.id = c.id
)
SELECT array_remove(c.sha256 || array_agg(p.sha256) || array_agg(p.quarantine_sha256), NULL) AS digests, c.bytes
  FROM chosen c LEFT JOIN profiles p ON p.id = c.id GROUP BY c.id, c.sha256, c.bytes`),
  };
}

function rows(table: string, at: string, which = 'true'): Removal {
  return {
    oldest: `SELECT min(${at}) AS at FROM ${table} t WHERE t.tenant_id = $1`,
    remove: bySql(`
WITH chosen AS MATERIALIZED (
  SELECT id FROM ${table} t WHERE t.tenant_id = $1 AND t.${at} < $2 AND ${which}
   ORDER BY t.${at} LIMIT ${ROWS}
)
DELETE FROM ${table} t USING chosen c WHERE t.tenant_id = $1 AND t.id = c.id
RETURNING ARRAY[]::text[] AS digests, 0 AS bytes`),
  };
}

const SCORED = `j.tenant_id = $1 AND j.type = 'SCORING' AND j.state = 'SUCCEEDED' AND ${NO_ERASURE}`;
const bytesOf = (file: string) => `coalesce((j.result #>> '{${file},bytes}')::bigint, 0)`;
const digestOf = (file: string) => `j.result #>> '{${file},sha256}'`;

export const REMOVALS: Readonly<Record<RetentionKind, Removal>> = {
  EXPORTS: {
    oldest: `SELECT min(finished_at) AS at FROM subject_requests WHERE tenant_id = $1 AND expires_at IS NOT NULL`,
    // It said itself until when it is kept.
    remove: bySql(`
WITH chosen AS MATERIALIZED (
  SELECT r.id, r.result ->> 'sha256' AS sha256, (r.result ->> 'bytes')::bigint AS bytes FROM subject_requests r
   WHERE r.tenant_id = $1 AND r.expires_at <= now() AND r.finished_at < $2
   ORDER BY r.expires_at LIMIT ${FILES} FOR UPDATE SKIP LOCKED
), changed AS (
  UPDATE subject_requests r SET result = r.result || '{"sha256": null}', expires_at = NULL
    FROM chosen c WHERE r.tenant_id = $1 AND r.id = c.id
)
SELECT array_remove(ARRAY[sha256], NULL) AS digests, bytes FROM chosen`),
  },
  EVENTS: {
    oldest: OLDEST_EVENT,
    remove: async (scope, before) => ({ count: await removeOldEvents(scope, before), digests: [], bytes: 0 }),
  },
  DATASETS: datasets(`NOT ${isSnapshot}`),
  SNAPSHOTS: datasets(isSnapshot),
  SCORINGS: {
    oldest: `SELECT min(j.finished_at) AS at FROM jobs j WHERE ${SCORED} AND ${digestOf('scores')} IS NOT NULL`,
    remove: bySql(`
WITH chosen AS MATERIALIZED (
  SELECT j.id, ARRAY[${digestOf('scores')}, ${digestOf('ranking')}, ${digestOf('quarantine')}] AS digests,
         ${bytesOf('scores')} + ${bytesOf('ranking')} + ${bytesOf('quarantine')} AS bytes
    FROM jobs j WHERE ${SCORED} AND ${digestOf('scores')} IS NOT NULL AND j.finished_at < $2
   ORDER BY j.finished_at LIMIT ${FILES} FOR UPDATE SKIP LOCKED
), changed AS (
  UPDATE jobs j SET result = j.result || '{"scores": null, "ranking": null, "quarantine": null}'
    FROM chosen c WHERE j.tenant_id = $1 AND j.id = c.id
)
SELECT array_remove(digests, NULL) AS digests, bytes FROM chosen`),
  },
  REFUSED_ROWS: {
    oldest: `
SELECT least(
  (SELECT min(j.finished_at) FROM jobs j WHERE ${SCORED} AND ${digestOf('quarantine')} IS NOT NULL),
  (SELECT min(p.created_at) FROM dataset_profiles p
    WHERE p.tenant_id = $1 AND p.quarantine_sha256 IS NOT NULL AND ${NO_ERASURE})) AS at`,
    // The profile goes with the file: both are made again when they are asked for.
    remove: bySql(`
WITH scored AS MATERIALIZED (
  SELECT j.id, ${digestOf('quarantine')} AS sha256, ${bytesOf('quarantine')} AS bytes
    FROM jobs j WHERE ${SCORED} AND ${digestOf('quarantine')} IS NOT NULL AND j.finished_at < $2
   ORDER BY j.finished_at LIMIT ${FILES / 2} FOR UPDATE SKIP LOCKED
), changed AS (
  UPDATE jobs j SET result = j.result || '{"quarantine": null}' FROM scored c WHERE j.tenant_id = $1 AND j.id = c.id
), profiled AS MATERIALIZED (
  SELECT p.id FROM dataset_profiles p
   WHERE p.tenant_id = $1 AND p.quarantine_sha256 IS NOT NULL AND p.created_at < $2 AND ${NO_ERASURE}
   ORDER BY p.created_at LIMIT ${FILES / 2}
), gone AS (
  DELETE FROM dataset_profiles p USING profiled c WHERE p.tenant_id = $1 AND p.id = c.id
  RETURNING p.sha256, p.quarantine_sha256
)
SELECT ARRAY[sha256] AS digests, bytes FROM scored
UNION ALL SELECT ARRAY[sha256, quarantine_sha256], 0 FROM gone`),
  },
  // An alert that is still to be told of is told of first.
  ALERTS: rows(
    'alerts',
    'raised_at',
    `NOT EXISTS (SELECT FROM webhook_deliveries d
                  WHERE d.tenant_id = $1 AND d.alert_id = t.id AND d.state = 'PENDING')`,
  ),
  DRIFT_REPORTS: rows('drift_reports', 'computed_at'),
  // What is still executed goes on counting its lines.
  RUN_LOGS: rows(
    'job_log_lines',
    'at',
    `EXISTS (SELECT FROM jobs j WHERE j.tenant_id = $1 AND j.id = t.job_id AND j.finished_at IS NOT NULL)`,
  ),
};
