import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { messageOf } from '../../../errors';
import { type Database } from '../../../platform/persistence/database';
import { type Metrics } from '../../../platform/telemetry/metrics';
import { inferOutcomes, LATE_MS } from './infer-outcomes';

interface Due {
  readonly tenantId: string;
  readonly modelVersionId: string;
}

export interface OutcomeWorkerOptions {
  readonly database: Pick<Database, 'inTenant' | 'asPlatform'>;
  readonly logger: Logger;
  readonly metrics?: Metrics | null;
  /** Between two looks for predictions whose outcome is known. */
  readonly pollMs?: number;
}

/**
 * Records the outcomes that follow from stored events, until it is closed. Any number may do so at once. Tenants take turns: a
 * batch of one version of each.
 */
export class OutcomeWorker {
  private readonly closing = new AbortController();
  private loop: Promise<void> | null = null;

  constructor(private readonly options: OutcomeWorkerOptions) {}

  start(): void {
    this.loop ??= this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
  }

  /** Looks until nothing is due; returns how many predictions were looked at. */
  async workOff(): Promise<number> {
    const { database, logger } = this.options;
    let total = 0;
    for (;;) {
      const due = await database.asPlatform((scope) =>
        scope.query<Due>(
          'SELECT tenant_id AS "tenantId", model_version_id AS "modelVersionId" FROM due_outcomes($1)',
          [LATE_MS],
        ),
      );
      let looked = 0;
      for (const { tenantId, modelVersionId } of due) {
        if (this.closing.signal.aborted) return total;
        try {
          looked += await database.inTenant(tenantId, (scope) => inferOutcomes(scope, modelVersionId));
        } catch (error) {
          // One tenant's trouble is no other's.
          logger.warn(
            { tenantId, modelVersionId, error: messageOf(error) },
            'outcomes cannot be inferred for now',
          );
        }
      }
      total += looked;
      if (looked === 0) return total;
    }
  }

  private async run(): Promise<void> {
    const { logger, metrics, pollMs = 300_000 } = this.options;
    const look = () => this.workOff();
    while (!this.closing.signal.aborted) {
      try {
        await (metrics ? metrics.pass('outcomes', look) : look());
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'no outcomes can be inferred for now');
      }
      await sleep(pollMs, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
  }
}
