import { Random } from '../../src/domain-kit/simulation/random';

/** Events of a history. */
export const HISTORY_EVENTS = 8;
/** Inputs of a request of the case `batch`, and rows of one of `raw`. */
export const BATCH_ROWS = 100;
/** Users whose events are stored. */
export const USERS = 500;

/** The moment of prediction of every request. */
export const AT = new Date('2025-03-21T19:40:00Z');

const KINDS = ['visit', 'search', 'view', 'view', 'view', 'wishlist', 'cart', 'purchase'];
const DEVICES = ['desktop', 'mobile', 'tablet'];
const SOURCES = ['direct', 'search', 'email', 'social', 'ads'];
const TIERS = ['none', 'silver', 'gold'];
const CATEGORIES = ['garden', 'kitchen', 'outdoor', 'books', 'toys'];
const BRANDS = ['fjell', 'hazel', 'norda', 'brisk', 'cobalt'];

export interface ShopEvent {
  readonly at: Date;
  readonly kind: string;
  readonly category?: string;
  readonly brand?: string;
  readonly price?: number;
  readonly dwellSeconds?: number;
}

/** What is known of a user's visit. */
export interface Visit {
  readonly userId: string;
  readonly features: {
    readonly device: string;
    readonly source: string;
    readonly loyaltyTier: string;
    readonly tenureDays: number;
  };
  readonly history: readonly ShopEvent[];
}

/** Visits of different users, always the same. */
export function visits(count: number): Visit[] {
  const random = new Random(8);
  const one = <T>(values: readonly T[]): T => values[Math.floor(random.uniform() * values.length)]!;
  return Array.from({ length: count }, (_, user) => ({
    userId: `user-${user}`,
    features: {
      device: one(DEVICES),
      source: one(SOURCES),
      loyaltyTier: one(TIERS),
      tenureDays: Math.floor(random.uniform() * 1_000),
    },
    history: Array.from({ length: HISTORY_EVENTS }, (_event, index) => {
      const kind = one(KINDS);
      const at = new Date(AT.getTime() - (HISTORY_EVENTS - index) * 3_600_000 * (1 + random.uniform()));
      const dwellSeconds = Math.round(random.uniform() * 900) / 10;
      if (kind === 'visit' || kind === 'search') return { at, kind, dwellSeconds };
      const price = Math.round(random.uniform() * 20_000) / 100;
      return { at, kind, category: one(CATEGORIES), brand: one(BRANDS), price, dwellSeconds };
    }),
  }));
}

/** The same selection for every case, so that answers differ in their values alone. */
const SELECTION = `
  subjectId probability decision threshold
  modelVersion { id number createdAt }
  history { source count latestAt }`;
const ERRORS = `
  ... on InvalidFeatures { code message issues { path message } }
  ... on ModelNotReady { code message }`;

/** What every answer of a prediction contains, and no error. */
export const EXPECTED = '"probability":0.';

export const singleBodies = (): string[] => bodies('purchaseIntent');

/** The same operation of a field that predicts nothing. */
export const stubBodies = (): string[] => bodies('stubPurchaseIntent');

/** The same without the history. */
export const lookupBodies = (): string[] =>
  visits(USERS).map(({ userId, features }) => body('purchaseIntent', { userId, at: AT, ...features }));

export function batchBodies(): string[] {
  const query = `query Intents($inputs: [PurchaseIntentInput!]!) {
  purchaseIntents(inputs: $inputs) { ... on PurchaseIntent {${SELECTION} }${ERRORS} }
}`;
  const inputs = visits(USERS).map(inputOf);
  return Array.from({ length: USERS / BATCH_ROWS }, (_, part) =>
    JSON.stringify({
      query,
      variables: { inputs: inputs.slice(part * BATCH_ROWS, (part + 1) * BATCH_ROWS) },
    }),
  );
}

/** What an answer with reasons contains. */
export const EXPECTED_REASONS = '"baselineLogit":';

const REASONS = `reasons { ... on Reasons { baselineLogit logit others error items { __typename } } }`;

export const reasonsBodies = (): string[] =>
  visits(USERS).map((visit) => body('purchaseIntent', inputOf(visit), `${SELECTION}\n  ${REASONS}`));

function bodies(field: string): string[] {
  return visits(USERS).map((visit) => body(field, inputOf(visit)));
}

function inputOf({ userId, features, history }: Visit): object {
  return { userId, at: AT, ...features, history };
}

function body(field: string, input: object, selection = SELECTION): string {
  const query = `query Intent($input: PurchaseIntentInput!) {
  ${field}(input: $input) { ... on PurchaseIntent {${selection} }${ERRORS} }
}`;
  return JSON.stringify({ query, variables: { input } });
}
