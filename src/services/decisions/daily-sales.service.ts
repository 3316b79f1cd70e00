import { type DailySales } from '../../learning/decisions/demand';
import { DAY_MS } from '../../learning/decisions/items/item-event';
import { eventLabelOf } from '../../learning/features/label-spec';
import { featureSpecSchema } from '../../learning/features/feature-spec';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type DomainsService } from '../domains/domains.service';

/** Of a store, the events accepted last that sales are counted in. */
export const SALES_EVENTS = 500_000;
/** Days that are looked back. */
export const SALES_DAYS = 180;

/** The days that the events looked at cover whole; the first of them is cut off where older events are not looked at. */
const SPAN = `
SELECT min(e.at) AS "firstAt", count(*) AS events, bool_or(e.sequence = 1) AS "isAll"
  FROM events e
 WHERE e.tenant_id = $1 AND e.domain = $2
   AND e.sequence > (SELECT s.last_sequence FROM event_stores s WHERE s.tenant_id = $1 AND s.domain = $2) - $3`;

const SALES = `
SELECT e.cells ->> $5 AS item, floor(extract(epoch FROM e.at) / 86400)::integer AS day, count(*) AS count
  FROM events e
 WHERE e.tenant_id = $1 AND e.domain = $2
   AND e.sequence > (SELECT s.last_sequence FROM event_stores s WHERE s.tenant_id = $1 AND s.domain = $2) - $3
   AND e.kind = $4 AND e.at >= $6 AND e.at < $7 AND e.cells ->> $5 <> ''
 GROUP BY 1, 2`;

export interface StoredSales extends DailySales {
  /** The day that follows the last, at midnight UTC. */
  readonly until: Date;
  /** Purchases of an item that were counted. */
  readonly purchases: number;
}

/** How often each item was bought on each whole day (UTC) before a moment, by stored events. */
export class DailySalesService {
  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly domains: Pick<DomainsService, 'current' | 'catalogue'>,
  ) {}

  /** @throws AppError UNAVAILABLE */
  async read(
    ctx: TenantContext,
    { domain, itemColumn, at }: { readonly domain: string; readonly itemColumn: string; readonly at: Date },
  ): Promise<StoredSales> {
    const configured = await this.domains.current(ctx, domain);
    const spec =
      configured?.featureSpec ?? featureSpecSchema.parse(this.domains.catalogue.get(domain).featureSpec);
    const label = eventLabelOf(spec.label);
    const kind = label && !label.isAbsence ? label.kind : 'purchase';
    const until = Math.floor(at.getTime() / DAY_MS);
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const key = [scope.tenantId, domain, SALES_EVENTS];
      const [span] = await scope.query<{ firstAt: Date | null; isAll: boolean | null }>(SPAN, key);
      const first = span?.firstAt ? Math.floor(span.firstAt.getTime() / DAY_MS) : until;
      const from = Math.min(until, Math.max(first + (span?.isAll === true ? 0 : 1), until - SALES_DAYS));
      const rows = await scope.query<{ item: string; day: number; count: number }>(SALES, [
        ...key,
        kind,
        itemColumn,
        new Date(from * DAY_MS).toISOString(),
        new Date(until * DAY_MS).toISOString(),
      ]);
      const days = until - from;
      const items = new Map<string, number[]>();
      let purchases = 0;
      for (const { item, day, count } of rows) {
        let sales = items.get(item);
        if (!sales) items.set(item, (sales = new Array<number>(days).fill(0)));
        sales[day - from] = count;
        purchases += count;
      }
      // Days since 1970 modulo seven: any day of the week may be 0.
      return { items, days, firstWeekday: ((from % 7) + 7) % 7, until: new Date(until * DAY_MS), purchases };
    });
  }
}
