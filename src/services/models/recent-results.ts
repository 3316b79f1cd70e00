/** Keeps what was made last, up to a total weight; what is being made is waited for, not made again. */
export class RecentResults<T> {
  private readonly results = new Map<string, { promise: Promise<T>; weight: number; result?: T }>();
  private total = 0;

  /** @param weightOf of a result, in the unit of `capacity` */
  constructor(
    private readonly capacity: number,
    private readonly weightOf: (result: T) => number,
  ) {}

  async get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.results.get(key);
    if (known) {
      // Asked for again, it is the newest.
      this.results.delete(key);
      this.results.set(key, known);
      return known.promise;
    }
    const entry: { promise: Promise<T>; weight: number; result?: T } = { promise: make(), weight: 0 };
    this.results.set(key, entry);
    try {
      const result = await entry.promise;
      // What was forgotten while it was made stays so.
      if (this.results.get(key) !== entry) return result;
      entry.result = result;
      entry.weight = this.weightOf(result);
      this.total += entry.weight;
      this.shrink();
      return result;
    } catch (error) {
      if (this.results.get(key) === entry) this.results.delete(key);
      throw error;
    }
  }

  /** What was made and is still kept; nothing is made for it. */
  known(key: string): T | undefined {
    return this.results.get(key)?.result;
  }

  /** Keeps nothing of what was made so far. */
  clear(): void {
    this.results.clear();
    this.total = 0;
  }

  private shrink(): void {
    for (const [key, { weight }] of this.results) {
      if (this.total <= this.capacity) return;
      // Weightless: it is being made.
      if (weight === 0) continue;
      this.results.delete(key);
      this.total -= weight;
    }
  }
}
