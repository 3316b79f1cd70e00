/** What one tenant was told is done: nothing is written here before it was acknowledged. */
export class Ledger {
  /** Every event that was sent, acknowledged or not, with its subject. */
  readonly sentEvents = new Map<string, string>();
  readonly events = new Set<string>();
  /** By dataset, the rows that were said to be stored. */
  readonly uploads = new Map<string, { readonly rowCount: number; readonly sha256: string }>();
  readonly runs = new Set<string>();
  readonly promotions = new Set<string>();
  /** By id, the probability that was told. */
  readonly predictions = new Map<string, number>();

  /** Counts, to be told. */
  get counts(): Record<string, number> {
    const { events, uploads, runs, promotions, predictions } = this;
    return {
      events: events.size,
      uploads: uploads.size,
      jobs: runs.size,
      promotions: promotions.size,
      predictions: predictions.size,
    };
  }
}
