import { type Database } from '../../../platform/persistence/database';
import { type PredictionRole } from '../log/recorded-prediction';

/** What came of asking a version: an answer, or why there was none; or that it was not asked, because others were. */
export const TRIAL_EVENTS = ['answered', 'refused', 'timed_out', 'not_finite', 'failed', 'dropped'] as const;
export type TrialEvent = (typeof TRIAL_EVENTS)[number];

export interface Counted {
  readonly tenantId: string;
  readonly trialId: string;
  readonly role: PredictionRole;
}

type Counts = Record<TrialEvent, number>;
interface Entry extends Counted {
  readonly counts: Counts;
}

/** Counted up, and not replaced: every process adds what it saw. A trial that is gone is counted no more. */
const SAVE = `
INSERT INTO challenger_counts AS c (tenant_id, trial_id, role, ${TRIAL_EVENTS.join(', ')})
SELECT $1, t.id, $3, ${TRIAL_EVENTS.map((_, index) => `$${index + 4}::bigint`).join(', ')}
  FROM challenger_trials t WHERE t.tenant_id = $1 AND t.id = $2
ON CONFLICT (tenant_id, trial_id, role)
DO UPDATE SET ${TRIAL_EVENTS.map((event) => `${event} = c.${event} + excluded.${event}`).join(', ')}`;

/** Counts what becomes of a trial's predictions, and writes it down shortly after: no answer waits for it. */
export class TrialCounts {
  private entries = new Map<string, Entry>();
  private timer: NodeJS.Timeout | null = null;
  private saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly onError: (error: unknown) => void,
    private readonly delayMs = 500,
  ) {}

  add(counted: Counted, event: TrialEvent, count = 1): void {
    if (count === 0) return;
    this.entryOf(counted).counts[event] += count;
    this.timer ??= setTimeout(() => void this.flush(), this.delayMs).unref();
  }

  /** Writes down what was counted; what cannot be written is tried again later. */
  flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    return (this.saving = this.saving.then(() => this.save()));
  }

  private async save(): Promise<void> {
    const entries = [...this.entries.values()];
    this.entries = new Map();
    for (const entry of entries) {
      const { tenantId, trialId, role, counts } = entry;
      try {
        await this.database.inTenant(tenantId, (scope) =>
          scope.query(SAVE, [tenantId, trialId, role, ...TRIAL_EVENTS.map((event) => counts[event])]),
        );
      } catch (error) {
        this.onError(error);
        for (const event of TRIAL_EVENTS) this.add(entry, event, counts[event]);
      }
    }
  }

  private entryOf(counted: Counted): Entry {
    const { tenantId, trialId, role } = counted;
    const key = `${tenantId} ${trialId} ${role}`;
    let entry = this.entries.get(key);
    if (!entry) {
      const counts = Object.fromEntries(TRIAL_EVENTS.map((event) => [event, 0])) as Counts;
      this.entries.set(key, (entry = { tenantId, trialId, role, counts }));
    }
    return entry;
  }
}
