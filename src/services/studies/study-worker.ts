import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { messageOf } from '../../errors';
import { type Database } from '../../platform/persistence/database';
import { advanceStudy } from './advance-study';

export interface StudyWorkerOptions {
  readonly database: Pick<Database, 'inTenant' | 'asPlatform'>;
  readonly logger: Logger;
  readonly pollMs?: number;
}

/**
 * Takes the steps of studies whose trainings have all ended, until it is closed. Any number may do so. The trainings themselves are executed
 * as any others, in their tenants' turns.
 */
export class StudyWorker {
  private readonly closing = new AbortController();
  private loop: Promise<void> | null = null;

  constructor(private readonly options: StudyWorkerOptions) {}

  start(): void {
    this.loop ??= this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
  }

  /** One step of everything that is due. */
  async stepDue(): Promise<void> {
    const { database, logger } = this.options;
    const due = await database.asPlatform((scope) =>
      scope.query<{ tenantId: string; studyId: string }>(
        'SELECT tenant_id AS "tenantId", study_id AS "studyId" FROM due_studies()',
      ),
    );
    for (const { tenantId, studyId } of due) {
      if (this.closing.signal.aborted) return;
      try {
        await database.inTenant(tenantId, (scope) => advanceStudy(scope, studyId));
      } catch (error) {
        // It is due again the next time.
        logger.warn(
          { tenantId, studyId, error: messageOf(error) },
          'a study could not be gone on with for now',
        );
      }
    }
  }

  private async run(): Promise<void> {
    const { logger, pollMs = 1_000 } = this.options;
    const { signal } = this.closing;
    while (!signal.aborted) {
      try {
        await this.stepDue();
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'no study can be gone on with for now');
      }
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
