import { DAY, type GenerateOptions, type GeneratedData, Random, eventLog } from '../../src/domain-kit';
import { catalogue } from './catalogue';
import { demo } from './demo';
import { featureSpec } from './features';
import { shop, type World } from './shopper';

const CUSTOMERS = 1800;

/** Ninety days of a shop's event log. */
export function generate({ seed, scale }: GenerateOptions): GeneratedData {
  const beginsAt = Date.UTC(2025, 0, 6);
  const world: World = {
    items: catalogue(seed),
    beginsAt,
    endsAt: beginsAt + 90 * DAY,
    memory: featureSpec.sequence?.maxLength ?? 0,
  };
  return eventLog({
    seed,
    demo,
    subjectColumn: 'user_id',
    columns: [
      'item_id',
      'category',
      'brand',
      'price',
      'dwell_seconds',
      'device',
      'source',
      'loyalty_tier',
      'tenure_days',
    ],
    mess: {
      missing: { brand: 0.04, dwell_seconds: 0.03, price: 0.02, category: 0.02, source: 0.02, device: 0.02 },
      outliers: {
        // Cents taken for units.
        price: { rate: 0.002, distort: (price) => price * 100 },
        // The page never told when it was left.
        dwell_seconds: { rate: 0.005, distort: () => -1 },
      },
      duplicateRows: 0.005,
    },
    *timelines() {
      for (let customer = 1; customer <= Math.max(20, Math.round(CUSTOMERS * scale)); customer++)
        yield {
          subject: `u${String(customer).padStart(5, '0')}`,
          events: shop(new Random(seed, customer), world),
        };
    },
  });
}
