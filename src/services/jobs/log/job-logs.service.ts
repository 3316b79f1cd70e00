import { In } from 'typeorm';
import { type Database } from '../../../platform/persistence/database';
import { type Page, type PageRequest } from '../../../platform/persistence/keyset';
import { type TenantContext } from '../../../platform/tenancy/request-context';
import { JobLogLine } from './job-log-line.entity';
import { LOG_LEVELS, type LogLevel } from './log-line';

export const ENDINGS = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'LOST', 'LEFT_OFF', 'MOVED'] as const;
/** How an execution ended. */
export type AttemptEnding = (typeof ENDINGS)[number];

/** One execution of a job, and what it took as far as that is known. */
export interface JobAttempt {
  readonly jobId: string;
  readonly attempt: number;
  readonly workerId: string | null;
  readonly device: string | null;
  readonly codeVersion: string | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly ending: AttemptEnding | null;
  readonly processorSeconds: number | null;
  readonly peakMemoryBytes: number | null;
  readonly measuredAt: Date | null;
}

/** What jobs of a tenant told of themselves. */
export class JobLogsService {
  constructor(private readonly database: Pick<Database, 'inTenant'>) {}

  /**
   * Oldest first, of a level and those above it.
   * @throws AppError BAD_USER_INPUT for a page size out of bounds or an unknown cursor
   */
  async lines(
    ctx: TenantContext,
    jobId: string,
    { level, ...page }: PageRequest & { readonly level: LogLevel },
  ): Promise<Page<JobLogLine>> {
    const levels = LOG_LEVELS.slice(LOG_LEVELS.indexOf(level));
    return this.database.inTenant(ctx.actor.tenantId, (scope) =>
      scope
        .repository(JobLogLine)
        .page(page, { where: { jobId, level: In(levels) }, orderBy: 'number', direction: 'ASC' }),
    );
  }

  /** Of each of these jobs, the first first. */
  async attempts(ctx: TenantContext, jobIds: readonly string[]): Promise<JobAttempt[]> {
    return this.database.inTenant(ctx.actor.tenantId, (scope) =>
      scope.query<JobAttempt>(
        `SELECT job_id AS "jobId", attempt, worker_id AS "workerId", device, code_version AS "codeVersion",
                started_at AS "startedAt", ended_at AS "endedAt", ending, processor_seconds AS "processorSeconds",
                peak_memory_bytes AS "peakMemoryBytes", measured_at AS "measuredAt"
           FROM job_attempts WHERE tenant_id = $1 AND job_id = ANY ($2) ORDER BY attempt`,
        [ctx.actor.tenantId, jobIds],
      ),
    );
  }
}
