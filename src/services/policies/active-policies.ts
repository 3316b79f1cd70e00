export interface ActivePoliciesOptions<Entry> {
  /** What is in force as the system of record has it. */
  readonly find: (tenantId: string, kind: string) => Promise<Entry>;
  /** For how long an answer is taken as it is, in milliseconds. Announcements usually come much sooner. */
  readonly freshMs?: number;
  /** Most tenants' kinds that are kept. */
  readonly capacity?: number;
}

interface Kept<Entry> {
  readonly found: Promise<Entry>;
  readonly askedAt: number;
  /** What was in force before, for when the database cannot be reached. */
  known: Entry | undefined;
}

/** Which policy is in force, per tenant and kind, kept in memory: every decision asks for it. */
export class ActivePolicies<Entry> {
  readonly #options: Required<ActivePoliciesOptions<Entry>>;
  readonly #kept = new Map<string, Kept<Entry>>();

  constructor(options: ActivePoliciesOptions<Entry>) {
    this.#options = { freshMs: 60_000, capacity: 10_000, ...options };
  }

  /** @throws what `find` throws, unless an earlier answer is known that nothing has been announced about since */
  async current(tenantId: string, kind: string): Promise<Entry> {
    const key = `${tenantId} ${kind}`;
    const kept = this.#kept.get(key);
    if (kept && performance.now() - kept.askedAt <= this.#options.freshMs) return kept.found;
    const known = kept?.known;
    const next: Kept<Entry> = {
      found: this.#options.find(tenantId, kind),
      askedAt: performance.now(),
      known,
    };
    this.#keep(key, next);
    try {
      return (next.known = await next.found);
    } catch (error) {
      // The next request asks again.
      if (this.#kept.get(key) === next) {
        if (kept) this.#kept.set(key, kept);
        else this.#kept.delete(key);
      }
      if (known === undefined) throw error;
      return known;
    }
  }

  /** Something was decided about the kind. What is being read may be older, so that it is forgotten as well. */
  announce(tenantId: string, kind: string): void {
    this.#kept.delete(`${tenantId} ${kind}`);
  }

  /** Announcements may have been missed. */
  distrust(): void {
    this.#kept.clear();
  }

  #keep(key: string, entry: Kept<Entry>): void {
    this.#kept.delete(key);
    this.#kept.set(key, entry);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#options.capacity) return;
      this.#kept.delete(oldest);
    }
  }
}
