import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { messageOf } from '../../../errors';
import { type Database } from '../../../platform/persistence/database';
import { type Metrics } from '../../../platform/telemetry/metrics';
import { DEFAULT_SETTINGS } from './prediction-log-settings.service';

/** Rows of one transaction: it holds no lock for long, and can be repeated. */
const BATCH = 5_000;

/** A version's oldest rows; their outcomes go with them. */
const DELETE = `
WITH gone AS (
  DELETE FROM predictions
   WHERE tenant_id = $1 AND id IN (
     SELECT id FROM predictions WHERE tenant_id = $1 AND model_version_id = $2 AND id < $3 ORDER BY id LIMIT ${BATCH})
  RETURNING 1
)
SELECT count(*)::integer AS count FROM gone`;

interface Expired {
  readonly tenantId: string;
  readonly modelVersionId: string;
  readonly before: string;
}

export interface PurgeWorkerOptions {
  readonly database: Pick<Database, 'inTenant' | 'asPlatform'>;
  readonly logger: Logger;
  readonly metrics?: Metrics | null;
  /** Between two looks for predictions that are kept too long. */
  readonly pollMs?: number;
}

/** Deletes predictions that are older than their tenants keep them, until it is closed. Any number may do so at once. */
export class PurgeWorker {
  private readonly closing = new AbortController();
  private loop: Promise<void> | null = null;

  constructor(private readonly options: PurgeWorkerOptions) {}

  start(): void {
    this.loop ??= this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
  }

  /** Looks once, and deletes all that is to go; returns how many predictions that were. */
  async purge(): Promise<number> {
    let total = 0;
    for (;;) {
      const expired = await this.options.database.asPlatform((scope) =>
        scope.query<Expired>(
          `SELECT tenant_id AS "tenantId", model_version_id AS "modelVersionId", before FROM expired_predictions($1)`,
          [DEFAULT_SETTINGS.retentionDays],
        ),
      );
      let gone = 0;
      for (const version of expired) {
        if (this.closing.signal.aborted) return total;
        gone += await this.deleteFrom(version);
      }
      total += gone;
      if (gone === 0) return total;
    }
  }

  /** One batch: the next look finds what is left. */
  private async deleteFrom({ tenantId, modelVersionId, before }: Expired): Promise<number> {
    const [row] = await this.options.database.inTenant(tenantId, (scope) =>
      scope.query<{ count: number }>(DELETE, [tenantId, modelVersionId, before]),
    );
    return row?.count ?? 0;
  }

  private async run(): Promise<void> {
    const { logger, metrics, pollMs = 3_600_000 } = this.options;
    const look = () => this.purge();
    while (!this.closing.signal.aborted) {
      try {
        const count = await (metrics ? metrics.pass('purge', look) : look());
        if (count > 0) logger.info({ count }, 'predictions were deleted that are kept no longer');
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'old predictions cannot be deleted for now');
      }
      await sleep(pollMs, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
  }
}
