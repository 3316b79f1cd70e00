import { z } from 'zod';
import { AppError } from '../../errors';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type Alert } from '../../services/monitoring/alert.entity';
import { type AlertsService } from '../../services/monitoring/alerts.service';
import { Bell } from '../training/bell';

/** Announcements can be lost: without one, followers read again after this long. */
const REREAD_MS = 5_000;

const notice = z.object({ tenantId: z.string() });

/** Lets clients follow the alerts of their own tenant. */
export class AlertFeed {
  private readonly bells = new Map<string, Set<Bell>>();

  constructor(
    private readonly alerts: Pick<AlertsService, 'last' | 'after'>,
    private readonly rereadMs = REREAD_MS,
  ) {}

  /** Takes an announcement as it came from the database. */
  announce(payload: unknown): void {
    const { data } = notice.safeParse(payload);
    if (data) for (const bell of this.bells.get(data.tenantId) ?? []) bell.ring();
  }

  /** Makes every follower read again: announcements were missed. */
  resync(): void {
    for (const bell of this.everyBell()) bell.ring();
  }

  /** Every alert from now on, of one domain or of all. */
  async follow(ctx: TenantContext, domain: string | null): Promise<AsyncIterableIterator<Alert>> {
    const { tenantId } = ctx.actor;
    const bell = new Bell();
    // Listening begins before the first reading, so that none falls between them.
    this.bells.set(tenantId, (this.bells.get(tenantId) ?? new Set()).add(bell));
    const leave = (): void => {
      bell.stop();
      const bells = this.bells.get(tenantId);
      bells?.delete(bell);
      if (bells?.size === 0) this.bells.delete(tenantId);
    };
    let last: number;
    try {
      last = await this.alerts.last(ctx);
    } catch (error) {
      leave();
      throw error;
    }
    const generator = this.generate(ctx, { last, domain, bell });
    const end = async (): Promise<IteratorResult<Alert>> => {
      // A generator that waits for the bell would not hear of its end before the next ring.
      leave();
      await generator.return(undefined);
      return { done: true, value: undefined };
    };
    const iterator: AsyncIterableIterator<Alert> = {
      next: () => generator.next(),
      return: end,
      throw: end,
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    return iterator;
  }

  /** Ends every stream. */
  close(): void {
    for (const bell of this.everyBell()) bell.stop();
  }

  private async *generate(
    ctx: TenantContext,
    { last, domain, bell }: { readonly last: number; readonly domain: string | null; readonly bell: Bell },
  ): AsyncGenerator<Alert> {
    let seen = last;
    for (;;) {
      await bell.wait(this.rereadMs);
      if (bell.stopped) return;
      let found: readonly Alert[];
      do {
        found = await this.read(ctx, seen);
        for (const alert of found) {
          seen = alert.sequence;
          if (domain === null || alert.domain === domain) yield alert;
        }
      } while (found.length > 0);
    }
  }

  /** None when the database does not answer for the moment: the next reading may succeed. */
  private async read(ctx: TenantContext, after: number): Promise<readonly Alert[]> {
    try {
      return await this.alerts.after(ctx, after);
    } catch (error) {
      if (error instanceof AppError && error.code === 'UNAVAILABLE') return [];
      throw error;
    }
  }

  private everyBell(): Bell[] {
    return [...this.bells.values()].flatMap((bells) => [...bells]);
  }
}
