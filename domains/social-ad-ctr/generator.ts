import { DAY, type GenerateOptions, type GeneratedData, Random, eventLog } from '../../src/domain-kit';
import { demo } from './demo';
import { featureSpec } from './features';
import { inventory } from './inventory';
import { type World, scroll } from './member';

const MEMBERS = 1500;

/** Eight weeks of a network's event log. */
export function generate({ seed, scale }: GenerateOptions): GeneratedData {
  const beginsAt = Date.UTC(2025, 2, 3);
  const world: World = {
    inventory: inventory(seed),
    beginsAt,
    endsAt: beginsAt + 56 * DAY,
    memory: featureSpec.sequence?.maxLength ?? 0,
  };
  return eventLog({
    seed,
    demo,
    subjectColumn: 'user_id',
    columns: [
      'category',
      'format',
      'placement',
      'advertiser',
      'frequency',
      'targeting',
      'device',
      'age_band',
      'dwell_seconds',
      'clicked',
    ],
    mess: {
      missing: { device: 0.03, age_band: 0.05, dwell_seconds: 0.03 },
      outliers: {
        // The screen was left on.
        dwell_seconds: { rate: 0.004, distort: (seconds) => seconds * 1000 },
        // The counter was reset to its sentinel.
        frequency: { rate: 0.003, distort: () => -1 },
      },
      duplicateRows: 0.005,
    },
    *timelines() {
      for (let member = 1; member <= Math.max(20, Math.round(MEMBERS * scale)); member++)
        yield {
          subject: `m${String(member).padStart(5, '0')}`,
          events: scroll(new Random(seed, member), world),
        };
    },
  });
}
