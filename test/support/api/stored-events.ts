import { type ApiCaller } from './api-caller';

export interface SentEvent {
  readonly id: string;
  readonly subjectId: string;
  readonly at: string;
  readonly kind: string;
  readonly values?: ReadonlyArray<{ name: string; number?: number; text?: string; boolean?: boolean }>;
}

export interface Ingested {
  readonly __typename: string;
  readonly code?: string;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly outcomes: ReadonlyArray<{
    readonly id: string;
    readonly state: string;
    readonly issues: ReadonlyArray<{ readonly path: string; readonly message: string }>;
  }>;
  readonly unreadColumns: readonly string[];
  readonly issues?: ReadonlyArray<{ readonly path: string; readonly message: string }>;
}

export const INGEST = `mutation ($input: IngestEventsInput!) { ingestEvents(input: $input) {
  __typename
  ... on IngestEventsSuccess { accepted duplicates refused outcomes { id state issues { path message } } unreadColumns }
  ... on InvalidInput { code issues { path message } }
  ... on InvalidConfiguration { code issues { path message } }
} }`;

/** Sends a batch; what came of it. */
export async function ingest(
  caller: ApiCaller,
  events: readonly SentEvent[],
  domain = 'ECOMMERCE_PURCHASE',
): Promise<Ingested> {
  const { ingestEvents } = await caller.data<{ ingestEvents: Ingested }>(INGEST, {
    input: { domain, events },
  });
  return ingestEvents;
}

interface EventPage {
  readonly nodes: ReadonlyArray<{
    readonly id: string;
    readonly at: string;
    readonly values: readonly object[];
  }>;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** A page of a subject's events, the latest first. */
export async function eventsOf(
  caller: ApiCaller,
  subjectId: string,
  page: { first?: number; after?: string | null } = {},
): Promise<EventPage> {
  const { events } = await caller.data<{ events: EventPage }>(
    `query ($subjectId: ID!, $first: Int, $after: String) {
      events(domain: ECOMMERCE_PURCHASE, subjectId: $subjectId, first: $first, after: $after) {
        nodes { id subjectId at kind values { name number text boolean } receivedAt } pageInfo { hasNextPage endCursor }
      }
    }`,
    { subjectId, first: 100, ...page },
  );
  return events;
}

export interface StoreAnswer {
  readonly count: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly lastReceivedAt: string | null;
  readonly kindCount: number;
  readonly kinds: ReadonlyArray<{ readonly kind: string; readonly count: number; from: string; to: string }>;
}

export async function storeOf(caller: ApiCaller): Promise<StoreAnswer> {
  const { eventStore } = await caller.data<{ eventStore: StoreAnswer }>(
    `{ eventStore(domain: ECOMMERCE_PURCHASE) { count from to lastReceivedAt kindCount kinds { kind count from to } } }`,
  );
  return eventStore;
}

/** The moments of the events below count from here. */
export const START = Date.UTC(2025, 2, 1);
/** So many minutes later. */
export const at = (minute: number): string => new Date(START + minute * 60_000).toISOString();

export const view = (id: string, change: Partial<SentEvent> = {}): SentEvent => ({
  id,
  subjectId: 'u1',
  at: at(0),
  kind: 'view',
  values: [
    { name: 'category', text: 'garden' },
    { name: 'price', number: 64.9 },
  ],
  ...change,
});
export const views = (count: number, prefix = 'e'): SentEvent[] =>
  Array.from({ length: count }, (_, i) => view(`${prefix}${i}`, { at: at(i), subjectId: `u${i % 7}` }));
