import { numberOfText } from '../../learning/features/cell-text';
import { inTurns, type Steps } from '../../learning/decisions/items/in-turns';
import { type ItemEvent } from '../../learning/decisions/items/item-event';
import { type TenantScope } from '../../platform/persistence/tenant-scope';

/** The columns of a shop's events that say which item they are of. */
export interface ShopColumns {
  readonly item: string;
  readonly category: string;
  readonly brand: string;
  readonly price: string;
}

interface Row {
  readonly subjectId: string;
  readonly at: Date;
  readonly kind: string;
  readonly itemId: string | null;
  readonly category: string | null;
  readonly brand: string | null;
  readonly price: string | null;
}

const ROWS_PER_STEP = 500;

const SELECTED = `e.subject AS "subjectId", e.at, e.kind, e.cells ->> $4 AS "itemId", e.cells ->> $5 AS category,
       e.cells ->> $6 AS brand, e.cells ->> $7 AS price`;

/** One range of the primary key, which bounds the work whatever the store holds. */
const LATEST_OF_ALL = `
SELECT ${SELECTED}
  FROM events e
 WHERE e.tenant_id = $1 AND e.domain = $2 AND e.at < $3
   AND e.sequence > (SELECT s.last_sequence FROM event_stores s WHERE s.tenant_id = $1 AND s.domain = $2) - $8
 ORDER BY e.at, e.sequence`;

/** One walk along the index over subjects. */
const LATEST_OF_SUBJECT = `
SELECT * FROM (
  SELECT ${SELECTED}, e.sequence
    FROM events e
   WHERE e.tenant_id = $1 AND e.domain = $2 AND e.at < $3 AND e.subject = $8
   ORDER BY e.at DESC, e.sequence DESC LIMIT $9
) latest ORDER BY at, sequence`;

export interface ItemEventsQuestion {
  readonly domain: string;
  readonly columns: ShopColumns;
  /** Strictly before this moment. */
  readonly before: Date;
  /** Of the events accepted last, so many are looked at; of a subject, its latest. */
  readonly limit: number;
}

/** How many events a domain's store has accepted. */
export async function acceptedItemEvents(scope: TenantScope, domain: string): Promise<number> {
  const [store] = await scope.query<{ accepted: string }>(
    'SELECT last_sequence AS accepted FROM event_stores WHERE tenant_id = $1 AND domain = $2',
    [scope.tenantId, domain],
  );
  return Number(store?.accepted ?? 0);
}

/** What was accepted last by a domain's store, in the order of time. */
export async function latestItemEvents(
  scope: TenantScope,
  { limit, ...question }: ItemEventsQuestion,
): Promise<ItemEvent[]> {
  const rows = await scope.query<Row>(LATEST_OF_ALL, [...parameters(scope, question), limit]);
  return inTurns(readSteps(rows));
}

/** The latest events of a subject, in the order of time. */
export async function itemEventsOf(
  scope: TenantScope,
  subjectId: string,
  { limit, ...question }: ItemEventsQuestion,
): Promise<ItemEvent[]> {
  const rows = await scope.query<Row>(LATEST_OF_SUBJECT, [...parameters(scope, question), subjectId, limit]);
  return rows.map(itemEvent);
}

function* readSteps(rows: readonly Row[]): Steps<ItemEvent[]> {
  const events: ItemEvent[] = [];
  for (const [place, row] of rows.entries()) {
    if (place % ROWS_PER_STEP === 0) yield;
    events.push(itemEvent(row));
  }
  return events;
}

function parameters(
  { tenantId }: TenantScope,
  { domain, columns, before }: Omit<ItemEventsQuestion, 'limit'>,
): unknown[] {
  const { item, category, brand, price } = columns;
  return [tenantId, domain, before.toISOString(), item, category, brand, price];
}

function itemEvent({ at, price, itemId, ...row }: Row): ItemEvent {
  const amount = price === null ? NaN : numberOfText(price);
  return {
    ...row,
    at: at.getTime(),
    itemId: itemId === '' ? null : itemId,
    price: Number.isNaN(amount) || amount < 0 ? null : amount,
  };
}
