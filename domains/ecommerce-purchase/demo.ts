/** A customer who came twice for garden furniture, filled the basket last night, and returns from a reminder. */
export const demo = {
  userId: 'u00042',
  at: '2025-03-21T19:40:00Z',
  device: 'desktop',
  source: 'email',
  loyaltyTier: 'silver',
  tenureDays: 212,
  history: [
    { at: '2025-03-17T18:02:10Z', kind: 'visit' },
    { at: '2025-03-17T18:02:31Z', kind: 'search', dwellSeconds: 9.5 },
    {
      at: '2025-03-17T18:03:02Z',
      kind: 'view',

      category: 'garden',
      brand: 'fjell',
      price: 64.9,
      dwellSeconds: 41.2,
    },
    { at: '2025-03-20T20:11:45Z', kind: 'visit' },
    {
      at: '2025-03-20T20:12:20Z',
      kind: 'view',

      category: 'garden',
      brand: 'fjell',
      price: 64.9,
      dwellSeconds: 88.4,
    },
    {
      at: '2025-03-20T20:14:05Z',
      kind: 'view',

      category: 'garden',
      brand: 'hazel',
      price: 52.5,
      dwellSeconds: 35.1,
    },
    {
      at: '2025-03-20T20:15:51Z',
      kind: 'cart',

      category: 'garden',
      brand: 'hazel',
      price: 52.5,
    },
  ],
} as const;

/** The question that goes with it. */
export const demoQuery = `query ($input: PurchaseIntentInput!) {
  purchaseIntent(input: $input) {
    ... on PurchaseIntent { subjectId probability decision threshold modelVersion { id number createdAt } }
    ... on UserError { code message }
  }
}`;
