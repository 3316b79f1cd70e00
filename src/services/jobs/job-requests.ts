import { randomUUID } from 'node:crypto';
import { type Logger } from 'pino';
import { AppError, messageOf } from '../../errors';
import { type AuditAction } from '../../platform/audit/actions';
import { recordChange } from '../../platform/audit/record-change';
import { type JobQueue } from '../../platform/jobs/job-queue';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { announceProgress } from '../training/progress-channel';
import { outlookOf, type RunOutlook } from '../training/run-outlook';
import { hasEnded, type RunState } from '../training/run-state';
import { type Job } from './job.entity';
import { appendLines } from './log/append-lines';
import { logLine } from './log/log-line';

export interface JobRequestsOptions {
  readonly database: Database;
  readonly queue: Pick<JobQueue<'training'>, 'add'>;
  readonly logger: Logger;
}

/** What every type of job has in common for those who ask for one. */
export class JobRequests {
  constructor(private readonly options: JobRequestsOptions) {}

  /**
   * Calls for a worker. Nothing is lost when the queue does not answer: every worker looks for rows that have no message.
   * @param reminder makes it another message beside the job's own
   */
  async enqueue(ctx: TenantContext, job: Job, reminder?: string): Promise<void> {
    try {
      await this.options.queue.add({
        tenantId: ctx.actor.tenantId,
        runId: job.id,
        attempt: job.attempt + 1,
        actorId: ctx.actor.id,
        requestId: ctx.requestId,
        reminder,
      });
    } catch (error) {
      // The request is acknowledged all the same: the reconciler enqueues what has no job.
      const { requestId } = ctx;
      this.options.logger.warn(
        { requestId, runId: job.id, error: messageOf(error) },
        'left to the reconciler',
      );
    }
  }

  /**
   * Calls a job off: at once when nobody executes it, else within about a second. Calling it off twice is no error.
   *
   * @throws AppError NOT_FOUND; CONFLICT when it has ended already in another way
   */
  async cancel<J extends Job>(
    ctx: TenantContext,
    type: new () => J,
    { id, action, what }: { readonly id: string; readonly action: AuditAction; readonly what: string },
  ): Promise<J> {
    const job = await this.options.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const jobs = scope.repository<J>(type);
      const job = await jobs.getForUpdate(id);
      if (job.state === 'CANCELLED') return job;
      if (hasEnded(job.state))
        throw new AppError(
          'CONFLICT',
          `This ${what} has ended already: it ${OUTCOME[job.state] ?? job.state}.`,
        );
      await scope.query(
        // Without an execution nobody else would end it; with one, the execution does when it has left off.
        `UPDATE jobs
            SET cancel_requested_at = coalesce(cancel_requested_at, now())
                ${job.leaseOwner === null ? ", state = 'CANCELLED', finished_at = now()" : ''}
          WHERE tenant_id = $1 AND id = $2`,
        [scope.tenantId, id],
      );
      if (job.cancelRequestedAt === null) {
        const who = ctx.actor.kind === 'MEMBER' ? 'member' : 'API key';
        const message = `Called off by the ${who} ${ctx.actor.id}.`;
        await appendLines(scope, { jobId: id }, [logLine(job.state, { level: 'INFO', message })]);
      }
      await announceProgress(scope, { tenantId: scope.tenantId, runId: id });
      const cancelled = await jobs.getOrThrow(id);
      if (job.cancelRequestedAt === null)
        recordChange(scope, ctx, {
          action,
          objectId: id,
          before: { state: job.state },
          after: { state: cancelled.state, cancelRequestedAt: cancelled.cancelRequestedAt },
        });
      return cancelled;
    });
    // It had begun and waited to go on: a worker removes what it has stored.
    if (job.state === 'CANCELLED' && job.attempt > 0) await this.enqueue(ctx, job, randomUUID());
    return job;
  }

  /** What the tenant's jobs with these ids have before them, by id; those that have ended are absent. */
  async outlooks(ctx: TenantContext, ids: readonly string[]): Promise<Map<string, RunOutlook>> {
    return this.options.database.inTenant(ctx.actor.tenantId, (scope) => outlookOf(scope, ids));
  }
}

const OUTCOME: Partial<Record<RunState, string>> = { SUCCEEDED: 'succeeded', FAILED: 'failed' };
