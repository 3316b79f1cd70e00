export interface BackgroundOptions {
  /** Most rows that are worked on at a time; what comes on top is dropped. */
  readonly maxRows?: number;
  /** Whether others need the machine more: what comes then is dropped. */
  readonly isBusy?: () => boolean;
  readonly onError: (error: unknown) => void;
}

/** Work that nobody waits for, within bounds: it is dropped rather than that it delays what is waited for. */
export class Background {
  private readonly running = new Set<Promise<void>>();
  private rows = 0;

  constructor(private readonly options: BackgroundOptions) {}

  /** @returns whether the work is begun; it is dropped otherwise */
  run(rows: number, work: () => Promise<void>): boolean {
    const { maxRows = 2_000, isBusy } = this.options;
    if (this.rows + rows > Math.max(maxRows, rows) || isBusy?.() === true) return false;
    this.rows += rows;
    // Behind what the answer still has to do.
    const task: Promise<void> = new Promise<void>((resolve) => setImmediate(resolve))
      .then(work)
      .catch((error: unknown) => this.options.onError(error))
      .finally(() => {
        this.rows -= rows;
        this.running.delete(task);
      });
    this.running.add(task);
    return true;
  }

  /** Once all that was begun has ended. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
