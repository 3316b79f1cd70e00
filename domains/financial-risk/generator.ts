import { DAY, type GenerateOptions, type GeneratedData, Random, eventLog } from '../../src/domain-kit';
import { type World, borrow } from './borrower';
import { demo } from './demo';
import { featureSpec } from './features';

const ACCOUNTS = 8000;

/** Three and a half years of a lender's event log. */
export function generate({ seed, scale }: GenerateOptions): GeneratedData {
  const beginsAt = Date.UTC(2021, 0, 4);
  const world: World = {
    beginsAt,
    endsAt: beginsAt + 1275 * DAY,
    memory: featureSpec.sequence?.maxLength ?? 0,
  };
  return eventLog({
    seed,
    demo,
    subjectColumn: 'account_id',
    columns: [
      'balance',
      'utilization',
      'payment_ratio',
      'days_late',
      'income',
      'debt_to_income',
      'employment',
      'housing',
      'account_age_months',
      'inquiries',
      'defaulted',
    ],
    mess: {
      missing: {
        utilization: 0.02,
        payment_ratio: 0.02,
        days_late: 0.02,
        income: 0.03,
        debt_to_income: 0.02,
        employment: 0.02,
      },
      outliers: {
        // Typed in cents.
        income: { rate: 0.002, distort: (income) => income * 100 },
        // Per cent taken for a share.
        utilization: { rate: 0.002, distort: (share) => share * 100 },
        // The core system's sentinel.
        days_late: { rate: 0.002, distort: () => 999 },
      },
      duplicateRows: 0.005,
    },
    *timelines() {
      for (let account = 1; account <= Math.max(20, Math.round(ACCOUNTS * scale)); account++)
        yield {
          subject: `a${String(account).padStart(5, '0')}`,
          events: borrow(new Random(seed, account), world),
        };
    },
  });
}
