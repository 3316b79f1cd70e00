import { AppError } from '../../errors';
import { type Servable } from './servable';
import { type RunningChallenger } from './trials/running-challenger';

export interface ChampionsOptions {
  /** The champion as the system of record has it; null when nothing was ever promoted. */
  readonly find: (tenantId: string, kind: string) => Promise<Servable | null>;
  /** Makes a version ready to serve; resolves when it is. */
  readonly prepare: (next: Servable, previous: Servable | null) => Promise<void>;
  /** Told of what failed while the champion before it went on serving. */
  readonly onError: (error: unknown, tenantId: string, kind: string) => void;
  /** For how long an answer of `find` is taken as it is, in milliseconds. Announcements usually come much sooner. */
  readonly freshMs?: number;
  /** After which the next request waits for `find`. In between it is asked in the background. */
  readonly trustMs?: number;
}

interface Entry {
  readonly kind: string;
  champion: Servable | null;
  /** When `find` was last answered, on the clock of `performance.now()`. */
  checkedAt: number;
  refreshing: Promise<void> | null;
  /** How often something was announced: what is being read may be older. */
  announced: number;
}

/**
 * Which version serves, per tenant and kind, and which is tried out beside it.
 *
 * A new champion takes over once it is ready; until then the one before it serves, so that no request ever waits for,
 * or fails with, a promotion. It also goes on serving while the database cannot be reached.
 */
export class Champions {
  readonly #options: Required<ChampionsOptions>;
  readonly #entries = new Map<string, Entry>();

  constructor(options: ChampionsOptions) {
    this.#options = { freshMs: 5_000, trustMs: 60_000, ...options };
  }

  /** @throws AppError MODEL_NOT_READY when nothing was ever promoted */
  async current(tenantId: string, kind: string): Promise<Servable> {
    const known = this.#entries.get(`${tenantId} ${kind}`);
    const age = performance.now() - (known?.checkedAt ?? -Infinity);
    if (!known?.champion || age > this.#options.trustMs) await this.#refresh(tenantId, kind);
    else if (age > this.#options.freshMs) this.#refreshBehind(tenantId, kind);
    const champion = this.#entries.get(`${tenantId} ${kind}`)?.champion;
    if (champion) return champion;
    throw new AppError(
      'MODEL_NOT_READY',
      `No model of ${kind} is promoted yet: train one with startTraining, then call promoteModel.`,
    );
  }

  /** Something was decided about the kind: reads again, and makes the new champion ready before it is asked for. */
  announce(tenantId: string, kind: string): void {
    const entry = this.#entries.get(`${tenantId} ${kind}`);
    if (entry) entry.announced++;
    this.#refreshBehind(tenantId, kind);
  }

  /** Announcements may have been missed: every kind is read again before it is next answered for. */
  distrust(): void {
    for (const entry of this.#entries.values()) {
      entry.checkedAt = -Infinity;
      entry.announced++;
    }
  }

  #refreshBehind(tenantId: string, kind: string): void {
    this.#refresh(tenantId, kind).catch((error: unknown) => {
      this.#options.onError(error, tenantId, kind);
    });
  }

  /** @throws what `find` and `prepare` throw, unless a champion is there that can go on serving */
  #refresh(tenantId: string, kind: string): Promise<void> {
    const id = `${tenantId} ${kind}`;
    let entry = this.#entries.get(id);
    if (!entry) {
      this.#entries.set(
        id,
        (entry = { kind, champion: null, checkedAt: -Infinity, refreshing: null, announced: 0 }),
      );
    }
    const mine = entry;
    mine.refreshing ??= this.#read(mine, tenantId, kind).finally(() => {
      mine.refreshing = null;
      // Kinds that were asked for in vain leave nothing behind.
      if (!mine.champion) this.#entries.delete(id);
    });
    return mine.refreshing;
  }

  /** Makes a challenger ready where its champion is. */
  async #isReady({ servable }: RunningChallenger, entry: Entry, champion: Servable): Promise<boolean> {
    const { tenantId } = champion.artifact;
    if (entry.champion?.challenger?.servable.version.id === servable.version.id) return true;
    try {
      await this.#options.prepare(servable, champion);
      return true;
    } catch (error) {
      this.#options.onError(error, tenantId, entry.kind);
      return false;
    }
  }

  async #read(entry: Entry, tenantId: string, kind: string): Promise<void> {
    let seen: number;
    do {
      seen = entry.announced;
      try {
        const found = await this.#options.find(tenantId, kind);
        const same = found?.version.id === entry.champion?.version.id;
        if (found && !same) await this.#options.prepare(found, entry.champion);
        const isReady = !found?.challenger || (await this.#isReady(found.challenger, entry, found));
        // One that cannot be made ready takes no traffic: it is tried again when everything is read again.
        entry.champion = isReady ? found : { ...found, challenger: null };
      } catch (error) {
        if (!entry.champion) throw error;
        this.#options.onError(error, tenantId, kind);
      }
      entry.checkedAt = performance.now();
    } while (seen !== entry.announced);
  }
}
