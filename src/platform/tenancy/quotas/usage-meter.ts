import { type Database } from '../../persistence/database';
import { type TenantScope } from '../../persistence/tenant-scope';
import { periodOf, type Quota, QuotaExceededError } from './quota';

const KIND = 'PREDICTIONS_PER_DAY';
/** A process holds back at most this part of a limit; what is more is written before it is answered. */
const HELD_BACK = 100;
const FLUSH_MS = 2_000;
/** A count that was not looked at for so long is read again before it is used. */
const STALE_MS = 2 * FLUSH_MS;
/** One that nothing happens to is forgotten. */
const IDLE_MS = 60_000;
/** Usage of days that are longer past than this is removed. */
const KEPT = '400 days';

/** What a process knows of a tenant's day. */
interface Count {
  readonly tenantId: string;
  readonly startsAt: Date;
  readonly resetsAt: Date;
  limit: number | null;
  /** As PostgreSQL had it when it was last asked. */
  used: number;
  /** Counted here and not written yet. */
  pending: number;
  /** Being written. */
  flying: number;
  /** When PostgreSQL was last asked. */
  readAt: number;
}

export interface UsageMeterOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How often what was counted is written; 0: only when it is asked for. */
  readonly flushMs?: number;
}

/**
 * Counts a tenant's predictions of the day, over all API processes together: each counts by itself, and adds what it counted
 * to the tenant's row every two seconds. So a prediction writes nothing, a process that is killed loses what it counted since it last
 * wrote, and a limit can be passed by a hundredth of it for each API process beside the one that asks.
 */
export class UsageMeter {
  private readonly counts = new Map<string, Count>();
  private readonly turns = new Map<string, Promise<unknown>>();
  private readonly now: () => number;
  private readonly timer: NodeJS.Timeout | null;

  constructor(
    private readonly database: Database,
    { now = Date.now, flushMs = FLUSH_MS }: UsageMeterOptions = {},
  ) {
    this.now = now;
    this.timer = flushMs === 0 ? null : setInterval(() => void this.flush(), flushMs).unref();
  }

  /**
   * Takes an amount, or nothing.
   * @throws QuotaExceededError; AppError UNAVAILABLE where there is a limit and PostgreSQL does not answer
   */
  async take(tenantId: string, amount: number): Promise<Quota> {
    const key = this.keyOf(tenantId);
    const known = this.counts.get(key);
    if (known && this.holds(known, amount)) return taken(known, amount);
    return this.inTurn(key, async () => {
      const current = this.counts.get(key);
      if (current && this.holds(current, amount)) return taken(current, amount);
      return this.takeFromRow(key, tenantId, amount);
    });
  }

  /** Writes what was counted for a tenant. @throws AppError UNAVAILABLE */
  async flushOf(tenantId: string): Promise<void> {
    await this.write(this.keyOf(tenantId));
  }

  /** Writes what was counted; what cannot be written is kept for the next time. */
  async flush(): Promise<void> {
    for (const [key, count] of this.counts) {
      if (count.pending > 0) await this.write(key).catch(() => undefined);
      else if (!this.turns.has(key) && this.now() - count.readAt > IDLE_MS) this.counts.delete(key);
    }
  }

  async close(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.flush();
  }

  /** Whether so much can be counted without asking. */
  private holds({ limit, used, pending, flying, readAt }: Count, amount: number): boolean {
    const counted = pending + flying + amount;
    if (this.now() - readAt > STALE_MS) return false;
    return limit === null || (counted * HELD_BACK <= limit && used + counted <= limit);
  }

  private async takeFromRow(key: string, tenantId: string, amount: number): Promise<Quota> {
    const [startsAt, resetsAt] = dayOf(this.now());
    const count = this.counts.get(key) ?? {
      ...{ tenantId, startsAt, resetsAt },
      ...{ limit: null, used: 0, pending: 0, flying: 0, readAt: 0 },
    };
    const isNew = !this.counts.has(key);
    if (isNew) this.counts.set(key, count);
    try {
      const isTaken = await this.settle(count, { amount, isNew });
      if (!isTaken) throw new QuotaExceededError(quotaOf(count), amount);
    } catch (error) {
      // Without a limit, what cannot be written now is written later.
      if (error instanceof QuotaExceededError || isNew || count.limit !== null) {
        if (isNew && count.readAt === 0) this.counts.delete(key);
        throw error;
      }
      count.pending += amount;
    }
    return quotaOf(count);
  }

  private async write(key: string): Promise<void> {
    await this.inTurn(key, async () => {
      const count = this.counts.get(key);
      if (count && count.pending > 0) await this.settle(count, { amount: 0, isNew: false });
    });
  }

  /** Adds what was counted to the row, and then the amount if it fits; false where it does not. */
  private async settle(
    count: Count,
    { amount, isNew }: { readonly amount: number; readonly isNew: boolean },
  ): Promise<boolean> {
    const counted = count.pending;
    count.flying = counted;
    count.pending = 0;
    try {
      const { used, limit, isTaken } = await this.database.inTenant(count.tenantId, async (scope) => {
        if (isNew) await forgetOld(scope, count.startsAt);
        const before = await add(scope, count.startsAt, counted);
        // Read once the row is ours: whoever takes at the same time has waited for us, or we for them.
        const [row] = await scope.query<{ amount: number }>(
          'SELECT amount FROM tenant_quotas WHERE tenant_id = $1 AND kind = $2',
          [count.tenantId, KIND],
        );
        const most = row?.amount ?? null;
        const fits = most === null || before + amount <= most;
        return {
          limit: most,
          used: amount > 0 && fits ? await add(scope, count.startsAt, amount) : before,
          isTaken: fits,
        };
      });
      Object.assign(count, { used, limit, readAt: this.now() });
      return isTaken;
    } catch (error) {
      count.pending += counted;
      throw error;
    } finally {
      count.flying = 0;
    }
  }

  private keyOf(tenantId: string): string {
    return `${dayOf(this.now())[0].getTime()} ${tenantId}`;
  }

  private async inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.turns.get(key) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => undefined);
    this.turns.set(key, settled);
    try {
      return await turn;
    } finally {
      if (this.turns.get(key) === settled) this.turns.delete(key);
    }
  }
}

async function add(scope: TenantScope, startsAt: Date, amount: number): Promise<number> {
  const [row] = await scope.query<{ used: number }>(
    `INSERT INTO quota_usage AS usage (tenant_id, kind, period_start, used) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, kind, period_start) DO UPDATE SET used = usage.used + excluded.used
     RETURNING used`,
    [scope.tenantId, KIND, startsAt, amount],
  );
  if (!row) throw new Error('a row that was just written is gone');
  return row.used;
}

async function forgetOld(scope: TenantScope, startsAt: Date): Promise<void> {
  await scope.query(
    `DELETE FROM quota_usage WHERE tenant_id = $1 AND kind = $2 AND period_start < $3::timestamptz - $4::interval`,
    [scope.tenantId, KIND, startsAt, KEPT],
  );
}

function dayOf(ms: number): [startsAt: Date, resetsAt: Date] {
  const { startsAt, resetsAt } = periodOf(KIND, ms);
  if (!startsAt || !resetsAt) throw new Error('predictions are counted by the day');
  return [startsAt, resetsAt];
}

function taken(count: Count, amount: number): Quota {
  count.pending += amount;
  return quotaOf(count);
}

function quotaOf({ limit, used, pending, flying, startsAt, resetsAt }: Count): Quota {
  return { kind: KIND, limit, used: used + pending + flying, startsAt, resetsAt };
}
