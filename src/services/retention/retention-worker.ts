import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { messageOf } from '../../errors';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { bySystem, recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { type Metrics } from '../../platform/telemetry/metrics';
import { unreferenced } from '../privacy/unreferenced';
import { type Removed, REMOVALS, RETENTION_KINDS, type RetentionKind } from './retention-kinds';
import { daysOf } from './retention.service';

/** Objects that are removed in one go. */
const OBJECTS = 100;

export interface RetentionWorkerOptions {
  readonly database: Pick<Database, 'inTenant' | 'asPlatform'>;
  readonly objects: ObjectStores;
  readonly logger: Logger;
  readonly metrics?: Metrics | null;
  /** Between two looks for what is kept too long. */
  readonly pollMs?: number;
}

const NONE: Removed = { count: 0, digests: [], bytes: 0 };

/** What one look removed. */
export interface Enforced {
  readonly count: number;
  readonly objects: number;
}

/**
 * Removes what tenants keep no longer, until it is closed. Any number may do so at once. Tenants and kinds take turns, a
 * batch each, so that one with much keeps no other waiting. Rows go first, and their objects are written down with that as
 * garbage: whatever process dies, the next look goes on.
 */
export class RetentionWorker {
  private readonly closing = new AbortController();
  private loop: Promise<void> | null = null;

  constructor(private readonly options: RetentionWorkerOptions) {}

  start(): void {
    this.loop ??= this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
  }

  /** Looks once, and removes all that is to go. */
  async enforce(): Promise<Enforced> {
    const tenants = await this.options.database.asPlatform((scope) =>
      scope.query<{ tenantId: string }>('SELECT tenant_id AS "tenantId" FROM retention_tenants()'),
    );
    let turns = tenants.flatMap(({ tenantId }) => RETENTION_KINDS.map((kind) => ({ tenantId, kind })));
    let count = 0;
    while (turns.length > 0) {
      const unfinished: typeof turns = [];
      for (const turn of turns) {
        if (this.closing.signal.aborted) return { count, objects: 0 };
        const removed = await this.attempt(() => this.removeBatch(turn.tenantId, turn.kind));
        count += removed;
        if (removed > 0) unfinished.push(turn);
      }
      turns = unfinished;
    }
    let objects = 0;
    for (const { tenantId } of tenants) objects += await this.attempt(() => this.deleteGarbage(tenantId));
    return { count, objects };
  }

  /** What fails of one tenant keeps no other waiting: the next look tries it again. */
  private async attempt(work: () => Promise<number>): Promise<number> {
    try {
      return await work();
    } catch (error) {
      this.options.logger.warn({ error: messageOf(error) }, 'some of what is kept too long was not removed');
      return 0;
    }
  }

  private async removeBatch(tenantId: string, kind: RetentionKind): Promise<number> {
    const { database, metrics, logger } = this.options;
    const { count, bytes } = await database.inTenant(tenantId, async (scope) => {
      const days = (await daysOf(scope)).days[kind];
      if (days === null) return NONE;
      const [clock] = await scope.query<{ before: Date }>(
        'SELECT now() - make_interval(days => $1::integer) AS before',
        [days],
      );
      const gone = clock ? await REMOVALS[kind].remove(scope, clock.before) : NONE;
      if (gone.count === 0) return NONE;
      await scope.query(
        `INSERT INTO object_garbage (tenant_id, sha256) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING`,
        [tenantId, gone.digests],
      );
      recordChange(scope, bySystem(`retention-${randomUUID()}`), {
        action: 'RETENTION_ENFORCED',
        objectId: tenantId,
        before: null,
        after: { kind, days, count: gone.count, bytes: gone.bytes },
      });
      return gone;
    });
    if (count > 0) {
      metrics?.removed(kind, count, bytes);
      logger.info({ tenantId, kind, count }, 'what was kept for long enough was removed');
    }
    return count;
  }

  /** Objects of which no row is left. What fails is tried again by the next look. */
  private async deleteGarbage(tenantId: string): Promise<number> {
    const { database, objects } = this.options;
    const store = objects.forTenant(tenantId);
    let total = 0;
    for (;;) {
      if (this.closing.signal.aborted) return total;
      const { found, unused } = await database.inTenant(tenantId, async (scope) => {
        const rows = await scope.query<{ sha256: string }>(
          `SELECT sha256 FROM object_garbage WHERE tenant_id = $1 ORDER BY sha256 LIMIT ${OBJECTS}`,
          [tenantId],
        );
        const found = rows.map(({ sha256 }) => sha256);
        return { found, unused: await unreferenced(scope, found) };
      });
      if (found.length === 0) return total;
      for (const digest of unused) await store.delete(digest);
      // Only now: a process that dies before leaves them for the next look.
      await database.inTenant(tenantId, (scope) =>
        scope.query('DELETE FROM object_garbage WHERE tenant_id = $1 AND sha256 = ANY ($2::text[])', [
          tenantId,
          found,
        ]),
      );
      total += unused.length;
    }
  }

  private async run(): Promise<void> {
    const { logger, metrics, pollMs = 3_600_000 } = this.options;
    const look = () => this.enforce();
    while (!this.closing.signal.aborted) {
      try {
        await (metrics ? metrics.pass('retention', look) : look());
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'what is kept too long cannot be removed for now');
      }
      await sleep(pollMs, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
  }
}
