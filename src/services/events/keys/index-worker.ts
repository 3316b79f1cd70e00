import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { messageOf } from '../../../errors';
import { type CellValue, type StoredEvent } from '../../../learning/preparation/stored-event';
import { withTimeout } from '../../../platform/jobs/with-timeout';
import { type Database } from '../../../platform/persistence/database';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { type Metrics } from '../../../platform/telemetry/metrics';
import { lockStore } from '../lock-store';
import { type EventIndex } from './event-index';
import { removePage, retireIndexes } from './retire-indexes';
import { writeEntries } from './write-entries';

export interface IndexWorkerOptions {
  readonly database: Database;
  readonly logger: Logger;
  readonly metrics?: Metrics | null;
  /** Between two looks for indexes that lack events. */
  readonly pollMs?: number;
}

/** Events of one transaction: new ones of the domain wait so long. */
const PAGE = 2_000;
const PATIENCE_MS = 60_000;

interface IndexRow {
  readonly domain: string;
  readonly definition: string;
  readonly until: number;
  readonly done: number;
  readonly isRetired: boolean;
}

/**
 * Adds the events that were stored before an index to it, oldest first, a page in a transaction, until it is closed; and
 * retires and removes, likewise, those that nothing needs.
 * Whoever dies leaves whole pages behind, and another goes on.
 */
export class IndexWorker {
  private readonly closing = new AbortController();
  private loop: Promise<void> | null = null;
  private failing = false;

  constructor(private readonly options: IndexWorkerOptions) {}

  start(): void {
    this.loop ??= this.run();
  }

  async close(): Promise<void> {
    this.closing.abort(new Error('the worker is ending'));
    await this.loop;
  }

  /** Adds what is lacking now; one page of each tenant in turn. */
  async makeWaiting(): Promise<void> {
    const { database } = this.options;
    for (;;) {
      const waiting = await withTimeout(
        database.asPlatform((scope) =>
          scope.query<{ tenantId: string; indexId: number }>(
            'SELECT tenant_id AS "tenantId", index_id AS "indexId" FROM waiting_event_indexes()',
          ),
        ),
        PATIENCE_MS,
      );
      if (waiting.length === 0) return;
      for (const { tenantId, indexId } of waiting) {
        if (this.closing.signal.aborted) return;
        await database.inTenant(tenantId, (scope) => lookAfter(scope, indexId));
      }
    }
  }

  private async run(): Promise<void> {
    const { logger, metrics, pollMs = 1_000 } = this.options;
    const look = () => this.makeWaiting();
    const { signal } = this.closing;
    while (!signal.aborted) {
      try {
        await (metrics ? metrics.pass('indexes', look) : look());
        if (this.failing) logger.info('indexes of events are looked after again');
        this.failing = false;
      } catch (error) {
        if (!this.failing)
          logger.warn({ error: messageOf(error) }, 'indexes of events cannot be looked after for now');
        this.failing = true;
      }
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function readIndex(scope: TenantScope, indexId: number): Promise<IndexRow | undefined> {
  const [index] = await scope.query<IndexRow>(
    `SELECT domain, definition, until, done, retired_at IS NOT NULL AS "isRetired"
       FROM event_indexes WHERE tenant_id = $1 AND id = $2`,
    [scope.tenantId, indexId],
  );
  return index;
}

/** Does what an index waits for: events that it lacks, to be removed, or to be judged whether anybody needs it. */
async function lookAfter(scope: TenantScope, indexId: number): Promise<void> {
  const seen = await readIndex(scope, indexId);
  if (!seen) return;
  if (seen.isRetired) {
    // A subject may be erased from it at the same time.
    await lockStore(scope, seen.domain);
    await removePage(scope, indexId);
  } else if (seen.done < seen.until) await addPage(scope, indexId, seen);
  else await retireIndexes(scope, seen.domain, '30 days');
}

async function addPage(scope: TenantScope, indexId: number, seen: IndexRow): Promise<void> {
  // Whoever writes counts holds the store: two that lock rows in different orders would wait for each other.
  await lockStore(scope, seen.domain);
  const index = await readIndex(scope, indexId);
  if (!index || index.isRetired || index.done >= index.until) return;
  const last = Math.min(index.done + PAGE, index.until);
  const events = await scope.query<StoredEvent & { sequence: number; cells: Record<string, CellValue> }>(
    `SELECT id, subject AS "subjectId", at, kind, cells, sequence FROM events
      WHERE tenant_id = $1 AND domain = $2 AND sequence > $3 AND sequence <= $4 ORDER BY sequence`,
    [scope.tenantId, index.domain, index.done, last],
  );
  const known = { id: indexId, index: JSON.parse(index.definition) as EventIndex };
  await writeEntries(scope, [known], events);
  await scope.query('UPDATE event_indexes SET done = $3 WHERE tenant_id = $1 AND id = $2', [
    scope.tenantId,
    indexId,
    last,
  ]);
}
