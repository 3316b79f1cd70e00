import { randomUUID } from 'node:crypto';
import { type Logger } from 'pino';
import { messageOf } from '../../errors';
import { type RunTaker } from './run-taker';

/** Begins runs that no job of the queue calls this worker for, until it is closed. */
export class SelfStarter {
  private readonly closing = new AbortController();
  private readonly works = new Set<Promise<void>>();

  constructor(
    private readonly taker: Pick<RunTaker, 'isFree' | 'work'>,
    private readonly logger: Logger,
  ) {}

  /** Returns at once; does nothing while the worker executes as many runs as it can. */
  call(): void {
    const { signal } = this.closing;
    if (signal.aborted || !this.taker.isFree()) return;
    const jobId = `self ${randomUUID()}`;
    const logger = this.logger.child({ jobId });
    const work = this.taker
      .work({ jobId, logger, signal })
      .catch((error: unknown) => logger.error({ error: messageOf(error) }, 'a job failed'))
      .finally(() => this.works.delete(work));
    this.works.add(work);
  }

  /** Asks what runs to leave off, and waits until it has. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.works);
  }
}
