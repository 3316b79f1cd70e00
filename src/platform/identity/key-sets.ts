import { createLocalJWKSet, errors, type JWK, type JWTVerifyGetKey } from 'jose';

/** Whose keys: each tenant has its own copy, so that none can disturb another's. */
export interface KeySource {
  readonly tenantId: string;
  readonly issuer: string;
}

export interface KeySetsOptions {
  /** The keys of an issuer as they are now. */
  readonly fetch: (issuer: string) => Promise<readonly JWK[]>;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** Keys are fetched again after this: what a provider withdraws is refused from then on. */
export const FRESH_MS = 10 * 60_000;
/** How long keys are used while their provider does not answer. */
export const STALE_MS = 24 * 3_600_000;
/** Shortest time between two fetches, whatever tokens ask for. */
export const COOLDOWN_MS = 30_000;
/** The same after a failure, where no keys are known at all. */
export const RETRY_MS = 5_000;
const MAX_SETS = 2_000;

interface KeySet {
  readonly find: JWTVerifyGetKey;
  readonly fetchedAt: number;
}

interface Entry {
  keys: KeySet | null;
  attemptedAt: number;
  pending: Promise<void> | null;
}

/**
 * The keys of identity providers, in memory. A key id that is not known has them fetched again, because providers
 * rotate: by one request for however many tokens, and not more often than every 30 seconds.
 */
export class KeySets {
  private readonly entries = new Map<string, Entry>();
  private readonly now: () => number;

  constructor(private readonly options: KeySetsOptions) {
    this.now = options.now ?? (() => Date.now());
  }

  /** Finds the key of a token, for `jwtVerify`. It throws what `fetch` throws where no keys are known. */
  finder(source: KeySource): JWTVerifyGetKey {
    return async (header, token) => {
      const entry = this.entryOf(source);
      const known = await this.current(entry, source);
      try {
        return await known.find(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        const renewed = await this.renewed(entry, source);
        if (renewed === null || renewed === known) throw error;
        return renewed.find(header, token);
      }
    };
  }

  /** Fetches an issuer's keys now, and keeps them. @throws what `fetch` throws */
  async probe(source: KeySource): Promise<void> {
    const entry = this.entryOf(source);
    // What is under way may have begun before what is to be seen.
    await entry.pending?.catch(() => undefined);
    await this.refresh(entry, source);
  }

  private entryOf({ tenantId, issuer }: KeySource): Entry {
    const name = `${tenantId} ${issuer}`;
    const entry = this.entries.get(name) ?? { keys: null, attemptedAt: -Infinity, pending: null };
    // The one that was least recently used makes room.
    this.entries.delete(name);
    this.entries.set(name, entry);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= MAX_SETS) break;
      this.entries.delete(oldest);
    }
    return entry;
  }

  private async current(entry: Entry, source: KeySource): Promise<KeySet> {
    const { keys, attemptedAt, pending } = entry;
    const age = this.now() - (keys?.fetchedAt ?? -Infinity);
    if (keys && age < FRESH_MS) return keys;
    const waited = this.now() - attemptedAt;
    if (keys && age < STALE_MS) {
      // One request waits for the provider; while it does not answer, no other does.
      const failed = attemptedAt > keys.fetchedAt;
      const renewal = pending ?? (waited < COOLDOWN_MS ? null : this.refresh(entry, source));
      await (failed ? null : renewal)?.catch(() => undefined);
      renewal?.catch(() => undefined);
      return entry.keys ?? keys;
    }
    if (!pending && waited < RETRY_MS) throw new KeysUnavailable('the keys could not be had a moment ago');
    await this.refresh(entry, source);
    if (!entry.keys) throw new Error('keys were fetched and are not there');
    return entry.keys;
  }

  /** The keys after a fetch that is allowed now; null when none is, or it fails. */
  private async renewed(entry: Entry, source: KeySource): Promise<KeySet | null> {
    if (!entry.pending && this.now() - entry.attemptedAt < COOLDOWN_MS) return entry.keys;
    try {
      await this.refresh(entry, source);
      return entry.keys;
    } catch {
      return null;
    }
  }

  private refresh(entry: Entry, { issuer }: KeySource): Promise<void> {
    entry.pending ??= (async () => {
      entry.attemptedAt = this.now();
      try {
        const keys = await this.options.fetch(issuer);
        entry.keys = { find: createLocalJWKSet({ keys: [...keys] }), fetchedAt: this.now() };
      } finally {
        entry.pending = null;
      }
    })();
    return entry.pending;
  }
}

/** The provider did not answer a moment ago, and is not asked again yet. */
export class KeysUnavailable extends Error {}
