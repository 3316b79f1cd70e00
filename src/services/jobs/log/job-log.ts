import { messageOf } from '../../../errors';
import { codeVersion } from '../../../learning/export/code-version';
import { withTimeout } from '../../../platform/jobs/with-timeout';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { type RunPhase } from '../../training/run-state';
import { appendLines } from './append-lines';
import { logLine, type LogLine, type Said } from './log-line';
import { resourceUse } from './resource-use';

export interface JobLogOptions {
  /** Runs work in a transaction of the job's tenant. */
  readonly inTenant: <T>(work: (scope: TenantScope) => Promise<T>) => Promise<T>;
  readonly jobId: string;
  /** The execution that writes. */
  readonly owner: string;
  /** Between two writes. */
  readonly intervalMs?: number;
}

const INTERVAL_MS = 1_000;
const ANSWER_MS = 30_000;
/** Lines that wait while the database is away. */
const MAX_WAITING = 500;

/**
 * The log of one execution. Whoever says something goes on at once: lines are written together about every second, and with them
 * what the process has taken. No failure reaches the execution. What was said since the last write is lost when the
 * process is killed.
 */
export class JobLog {
  private readonly timer: NodeJS.Timeout;
  private phase: RunPhase = 'PREPARING';
  private device: string | null = null;
  private waiting: LogLine[] = [];
  private lost = 0;
  private writing: Promise<void> | null = null;
  private isFailing = false;

  constructor(private readonly options: JobLogOptions) {
    this.timer = setInterval(() => this.begin(), options.intervalMs ?? INTERVAL_MS).unref();
  }

  say(said: Said): void {
    this.waiting.push(logLine(this.phase, said));
    if (this.waiting.length <= MAX_WAITING) return;
    const detail = this.waiting.findIndex(({ level }) => level === 'DETAIL');
    this.waiting.splice(Math.max(0, detail), 1);
    this.lost += 1;
  }

  /** What is said from now on is of this phase. */
  enter(phase: RunPhase): void {
    this.phase = phase;
    this.begin();
  }

  runsOn(device: string): void {
    this.device = device;
  }

  /** Resolves when everything that was said is written, or could not be for now. */
  async flush(): Promise<void> {
    // What was said since that one began is not in it.
    if (this.writing) await this.writing;
    this.writing ??= this.write().finally(() => (this.writing = null));
    await this.writing;
  }

  /** Writes what is left, and no more. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** Writes what waits, unless that is being done. */
  private begin(): void {
    if (!this.writing) void this.flush();
  }

  private async write(): Promise<void> {
    const { inTenant, jobId, owner } = this.options;
    if (this.lost > 0) {
      const message = `${this.lost} lines are left out: the database was away for too long.`;
      this.waiting.unshift(logLine(this.phase, { level: 'WARNING', message }));
      this.lost = 0;
    }
    const lines = [...this.waiting];
    try {
      await withTimeout(
        inTenant(async (scope) => {
          await appendLines(scope, { jobId, owner }, lines);
          await this.measure(scope);
        }),
        ANSWER_MS,
      );
      const written = new Set(lines);
      this.waiting = this.waiting.filter((line) => !written.has(line));
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing)
        process.emitWarning(
          `the log of a job cannot be written for now: ${messageOf(error)}`,
          'JobLogWarning',
        );
      this.isFailing = true;
    }
  }

  private async measure(scope: TenantScope): Promise<void> {
    const { jobId, owner } = this.options;
    const { processorSeconds, peakMemoryBytes } = resourceUse();
    await scope.query(
      `UPDATE job_attempts attempt
          SET device = coalesce($4, attempt.device), code_version = $5, processor_seconds = $6, peak_memory_bytes = $7,
              measured_at = now()
         FROM jobs job
        WHERE job.tenant_id = $1 AND job.id = $2 AND job.lease_owner = $3
          AND attempt.tenant_id = $1 AND attempt.job_id = $2 AND attempt.attempt = job.attempt`,
      [scope.tenantId, jobId, owner, this.device, codeVersion(), processorSeconds, peakMemoryBytes],
    );
  }
}
