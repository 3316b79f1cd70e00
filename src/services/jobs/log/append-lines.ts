import { randomUUID } from 'node:crypto';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { type LogLine } from './log-line';

/** Lines that a job keeps. */
export const MAX_LINES = 2_000;
/** Left out at a time beyond that, so that it is not done for each. */
const SLACK = 200;

/** A job, and the execution that alone may write; without an owner, anybody. */
export interface LoggedJob {
  readonly jobId: string;
  readonly owner?: string;
}

/**
 * Writes lines behind those that the job has. Written again, they are there once. Nothing is written for an execution that has
 * lost the job. Of more than {@link MAX_LINES}, the oldest of the lowest level go, and a line at the beginning counts them.
 */
export async function appendLines(
  scope: TenantScope,
  { jobId, owner }: LoggedJob,
  lines: readonly LogLine[],
): Promise<void> {
  if (lines.length === 0) return;
  // Locked, so that lines are numbered one after the other, and the first of two writers is seen by the second.
  const [job] = await scope.query<{ attempt: number }>(
    `SELECT attempt FROM jobs WHERE tenant_id = $1 AND id = $2 AND ($3::text IS NULL OR lease_owner = $3)
        FOR NO KEY UPDATE`,
    [scope.tenantId, jobId, owner ?? null],
  );
  if (!job) return;
  const written = await scope.query<{ number: number }>(
    `INSERT INTO job_log_lines (tenant_id, id, job_id, number, at, level, attempt, phase, message)
     SELECT $1, line.id, $2, before.last + line.place, line.at, line.level, $3, line.phase, line.message
       FROM (SELECT coalesce(max(number), 0) AS last FROM job_log_lines WHERE tenant_id = $1 AND job_id = $2) before,
            ROWS FROM (
              jsonb_to_recordset($4) AS (id uuid, at timestamptz, level text, phase text, message text)
            ) WITH ORDINALITY AS line (id, at, level, phase, message, place)
         ON CONFLICT (tenant_id, id) DO NOTHING
     RETURNING number`,
    [scope.tenantId, jobId, job.attempt, JSON.stringify(lines)],
  );
  if (Math.max(0, ...written.map(({ number }) => number)) > MAX_LINES) await leaveOut(scope, jobId);
}

async function leaveOut(scope: TenantScope, jobId: string): Promise<void> {
  const removed = await scope.query(
    `WITH kept AS (SELECT count(*) AS count FROM job_log_lines WHERE tenant_id = $1 AND job_id = $2 AND number > 0),
     chosen AS MATERIALIZED (
       SELECT id FROM job_log_lines, kept
        WHERE tenant_id = $1 AND job_id = $2 AND number > 0 AND kept.count > $3
        ORDER BY array_position(ARRAY['DETAIL', 'INFO', 'WARNING', 'ERROR'], level), number
        LIMIT (SELECT greatest(0, count - $3 + $4) FROM kept)
     )
     DELETE FROM job_log_lines line USING chosen WHERE line.tenant_id = $1 AND line.id = chosen.id RETURNING line.id`,
    [scope.tenantId, jobId, MAX_LINES, SLACK],
  );
  if (removed.length === 0) return;
  await scope.query(
    `INSERT INTO job_log_lines AS line (tenant_id, id, job_id, number, at, level, attempt, phase, message)
     SELECT $1, $3, $2, 0, now(), 'INFO', 0, 'QUEUED',
            max(number) - count(*) || ' lines are left out: a log keeps ${MAX_LINES.toLocaleString('en')}, and the oldest details go first.'
       FROM job_log_lines WHERE tenant_id = $1 AND job_id = $2 AND number > 0
         ON CONFLICT (tenant_id, job_id, number) DO UPDATE SET at = excluded.at, message = excluded.message`,
    [scope.tenantId, jobId, randomUUID()],
  );
}
