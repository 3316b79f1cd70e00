import { AppError } from '../../errors';
import { type Database } from '../persistence/database';

/** What is counted for each tenant, by the minute. */
export type Rate = 'requests' | 'predictions';
export type RateLimits = Readonly<Record<Rate, number>>;

/** What is left of a rate, as the process that was asked knows it. */
export interface RateState {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until everything is there again, at least 1. */
  readonly resetSeconds: number;
}

/** What a process took from the tenant's minute and may use without asking again. */
interface Window {
  held: number;
  /** What no process had taken when this one last asked. */
  left: number;
  until: number;
}

/** A process takes this part of a limit at a time, so that not every request writes. */
const PART = 20;
const MAX_WINDOWS = 20_000;

/**
 * Keeps every tenant within its rates, over all API processes together: the minute's count is a row in PostgreSQL, by
 * its clock. A process takes a twentieth of the limit at a time and uses it up by itself. So the limit is never passed,
 * and up to a twentieth for each other process may be out of reach when a minute ends.
 */
export class RateLimiter {
  private readonly windows = new Map<string, Window>();
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(
    private readonly database: Database,
    readonly limits: RateLimits,
  ) {}

  /**
   * Takes an amount, or nothing.
   * @throws AppError RATE_LIMITED with `details.limit`, `details.remaining` and `details.retryAfterSeconds`;
   *   BAD_USER_INPUT for more than a whole minute has
   */
  async take(tenantId: string, rate: Rate, amount: number): Promise<RateState> {
    const key = `${rate} ${tenantId}`;
    const known = this.windows.get(key);
    // Nobody waits for more, and there is enough: nothing has to be waited for.
    if (known && known.held >= amount && known.until > Date.now() && !this.turns.has(key))
      return takenFrom(known, amount, this.limits[rate]);
    const turn = (this.turns.get(key) ?? Promise.resolve()).then(() =>
      this.takeInTurn({ key, tenantId, rate, amount }),
    );
    const settled = turn.catch(() => undefined);
    this.turns.set(key, settled);
    try {
      return await turn;
    } finally {
      if (this.turns.get(key) === settled) this.turns.delete(key);
    }
  }

  private async takeInTurn(asked: {
    readonly key: string;
    readonly tenantId: string;
    readonly rate: Rate;
    readonly amount: number;
  }): Promise<RateState> {
    const { key, tenantId, rate, amount } = asked;
    const limit = this.limits[rate];
    if (amount > limit) {
      throw new AppError(
        'BAD_USER_INPUT',
        `This asks for ${amount} ${rate} at once, and a minute has ${limit}: send fewer.`,
        [{ path: rate, message: `at most ${limit}` }],
      );
    }
    const known = this.windows.get(key);
    let window = known && known.until > Date.now() ? known : null;
    if (!window || window.held < amount) {
      const wanted = Math.max(Math.ceil(limit / PART), amount - (window?.held ?? 0));
      const got = await this.reserve({ tenantId, rate, wanted, limit });
      // What was held of a minute that is over is over, too.
      const held = window && window.until > Date.now() && got.until - window.until < 1_000 ? window.held : 0;
      window = { ...got, held: got.held + held };
      if (this.windows.size >= MAX_WINDOWS) this.windows.clear();
      this.windows.set(key, window);
    }
    if (window.held < amount) {
      const resetSeconds = secondsTo(window.until);
      const remaining = window.held + window.left;
      throw new AppError(
        'RATE_LIMITED',
        `Your tenant has used its ${limit} ${rate} of this minute: ${remaining} are left, and this takes ${amount}. Wait ${resetSeconds} s.`,
        [],
        { details: { limit, remaining, retryAfterSeconds: resetSeconds } },
      );
    }
    return takenFrom(window, amount, limit);
  }

  private async reserve(asked: {
    readonly tenantId: string;
    readonly rate: Rate;
    readonly wanted: number;
    readonly limit: number;
  }): Promise<Window> {
    const { tenantId, rate, wanted, limit } = asked;
    return this.database.inTenant(tenantId, async (scope) => {
      await scope.query(
        `INSERT INTO rate_windows (tenant_id, rate, minute, taken)
         VALUES ($1, $2, date_trunc('minute', clock_timestamp()), 0) ON CONFLICT DO NOTHING`,
        [tenantId, rate],
      );
      // The clock is read once the row is ours: waiting for it may have taken us into the next minute.
      const [row] = await scope.query<{ taken: number }>(
        'SELECT taken FROM rate_windows WHERE tenant_id = $1 AND rate = $2 FOR UPDATE',
        [tenantId, rate],
      );
      const [now] = await scope.query<{ current: boolean; seconds: number }>(
        `SELECT minute >= date_trunc('minute', clock_timestamp()) AS current,
                60 - extract(second FROM clock_timestamp())::float8 AS seconds
           FROM rate_windows WHERE tenant_id = $1 AND rate = $2`,
        [tenantId, rate],
      );
      if (!row || !now) throw new Error('a row that was just locked is gone');
      const taken = now.current ? row.taken : 0;
      const held = Math.max(0, Math.min(wanted, limit - taken));
      await scope.query(
        `UPDATE rate_windows SET minute = date_trunc('minute', clock_timestamp()), taken = $3
          WHERE tenant_id = $1 AND rate = $2`,
        [tenantId, rate, taken + held],
      );
      return { held, left: Math.max(0, limit - taken - held), until: Date.now() + now.seconds * 1_000 };
    });
  }
}

function takenFrom(window: Window, amount: number, limit: number): RateState {
  window.held -= amount;
  return { limit, remaining: window.held + window.left, resetSeconds: secondsTo(window.until) };
}

const secondsTo = (until: number): number => Math.max(1, Math.ceil((until - Date.now()) / 1_000));
