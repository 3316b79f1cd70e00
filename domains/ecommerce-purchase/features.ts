import { type FeatureSpecInput } from '../../src/learning/features/feature-spec';

/** Does the visit that begins now end in a purchase? */
export const VISIT_MINUTES = 120;

/** A shop's event log: one row per event of a customer; a `visit` row is the moment of prediction. */
export const featureSpec: FeatureSpecInput = {
  shape: 'EVENTS',
  idColumn: 'event_id',
  subjectColumn: 'user_id',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['visit'],
  label: { event: 'purchase', withinMinutes: VISIT_MINUTES },
  // Known when the visit begins: columns of the `visit` row.
  features: [
    // What the visitor holds in hand: desktop, mobile or tablet.
    { type: 'categorical', name: 'device', maxVocabulary: 16 },
    // How the visitor arrived: direct, search, email, social, ads.
    { type: 'categorical', name: 'source', maxVocabulary: 32 },
    // Standing in the loyalty scheme: none, silver, gold.
    { type: 'categorical', name: 'loyaltyTier', column: 'loyalty_tier', maxVocabulary: 16 },
    // Whole days since the account was opened.
    { type: 'numeric', name: 'tenureDays', column: 'tenure_days', transform: 'log1p' },
    { type: 'cyclic', name: 'hour', part: 'hourOfDay' },
    { type: 'cyclic', name: 'weekday', part: 'dayOfWeek' },
  ],
  // What the customer did before, over all earlier visits, oldest first.
  sequence: {
    maxLength: 20,
    fields: [
      // visit, search, view, wishlist, cart, purchase.
      { type: 'categorical', name: 'kind', maxVocabulary: 16 },
      // Of the item; empty for visits and searches.
      { type: 'categorical', name: 'category', maxVocabulary: 200 },
      { type: 'categorical', name: 'brand', maxVocabulary: 500 },
      // In the shop's currency; per unit.
      { type: 'numeric', name: 'price', transform: 'log1p' },
      // On the page; only views and searches are timed.
      { type: 'numeric', name: 'dwellSeconds', column: 'dwell_seconds', transform: 'log1p' },
      // From the event to the beginning of the visit.
      { type: 'elapsed', name: 'elapsed' },
    ],
  },
};
