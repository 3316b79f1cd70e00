/** Asks about a visit to a shop of sessions. */
export const INTENT = `query ($input: PurchaseIntentInput!) { purchaseIntent(input: $input) {
  __typename
  ... on PurchaseIntent { probability decision threshold modelVersion { id number } }
  ... on ModelNotReady { code message }
  ... on InvalidFeatures { code issues { path message } } } }`;

/** A session that the shop wants to know about. */
export const visit = (changed: Record<string, number | string> = {}): object => ({
  input: {
    userId: 'visitor-1',
    features: Object.entries({
      administrative: 3,
      administrative_Duration: 80.5,
      informational: 0,
      informational_Duration: 0,
      productRelated: 32,
      productRelated_Duration: 1400,
      bounceRates: 0,
      exitRates: 0.01,
      pageValues: 40,
      specialDay: 0,
      month: 'Nov',
      operatingSystems: '2',
      browser: '2',
      region: '1',
      trafficType: '2',
      visitorType: 'Returning_Visitor',
      weekend: 'FALSE',
      ...changed,
    }).map(([name, value]) => (typeof value === 'number' ? { name, number: value } : { name, text: value })),
  },
});
