import { type JobContext } from '../../platform/jobs/job-worker';
import { type RunTurns, type TakenRun } from './run-turns';

export interface RunTakerOptions {
  readonly turns: RunTurns;
  readonly leaseMs: number;
  /** Runs that are executed side by side, whoever calls for them. */
  readonly concurrency: number;
  readonly execute: (run: TakenRun, context: JobContext) => Promise<void>;
}

/**
 * What a worker does with a job of the queue. The job says that there is work, whichever run it was made for: the
 * runs' rows say whose turn it is. The worker goes on while a run may begin, so that a run which had to wait for a quota
 * needs no job of its own when the quota is free again.
 */
export class RunTaker {
  private busy = 0;

  constructor(private readonly options: RunTakerOptions) {}

  async work(context: JobContext): Promise<void> {
    const { turns, leaseMs, execute } = this.options;
    // Who is busy goes on by itself when it is free again.
    if (!this.isFree()) return;
    this.busy += 1;
    try {
      while (!context.signal.aborted) {
        const run = await turns.take(leaseMs, context.signal);
        if (!run) return;
        await execute(run, context);
      }
    } finally {
      this.busy -= 1;
    }
  }

  isFree(): boolean {
    return this.busy < this.options.concurrency;
  }
}
