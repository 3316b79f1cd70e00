/** Remembered at the same time. */
const MAX_KEPT = 10_000;

/** What was refused a short while ago, so that not everybody who wants it asks again. */
export class Refusals {
  private readonly until = new Map<string, number>();

  constructor(
    private readonly forMs: number,
    private readonly now: () => number = Date.now,
  ) {}

  has(key: string): boolean {
    const until = this.until.get(key);
    if (until === undefined) return false;
    if (until > this.now()) return true;
    this.until.delete(key);
    return false;
  }

  add(key: string): void {
    this.until.delete(key);
    this.until.set(key, this.now() + this.forMs);
    // The oldest ends first.
    const [oldest] = this.until.keys();
    if (this.until.size > MAX_KEPT && oldest !== undefined) this.until.delete(oldest);
  }
}
