import { AppError } from '../../errors';
import { type Actor, type RequestContext } from '../../platform/tenancy/request-context';

/** How often a connection's key or token is looked at again. */
const RECHECK_MS = 60_000;

/** graphql-transport-ws: not authenticated; clients need not try again with the same key. */
export const UNAUTHORIZED = 4401;
/** What was presented has ended: clients come again, with a new token. */
export const ENDED = 4403;

export interface ConnectionLifeOptions {
  readonly identify: () => Promise<RequestContext>;
  readonly end: (code: number, reason: string) => void;
  readonly recheckMs?: number;
}

/**
 * Ends a connection when what it was opened with ends: at the moment at which a token expires, and within a minute of a
 * key being revoked, a member being removed, or either getting another role.
 */
export class ConnectionLife {
  private timer: NodeJS.Timeout | null = null;
  private over = false;

  constructor(
    private readonly actor: Actor,
    private readonly options: ConnectionLifeOptions,
  ) {
    this.wait();
  }

  /** To be called when the connection is closed. */
  stop(): void {
    this.over = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private wait(): void {
    if (this.over) return;
    const left = (this.actor.expiresAt ?? Infinity) - Date.now();
    const next = Math.max(0, Math.min(left, this.options.recheckMs ?? RECHECK_MS));
    this.timer = setTimeout(() => void this.look(), next);
    this.timer.unref();
  }

  private async look(): Promise<void> {
    if ((this.actor.expiresAt ?? Infinity) <= Date.now()) {
      this.end(ENDED, 'UNAUTHENTICATED: The token has expired: come again with a new one.');
      return;
    }
    try {
      const { actor } = await this.options.identify();
      if (actor.role === this.actor.role && actor.id === this.actor.id) this.wait();
      else this.end(ENDED, 'FORBIDDEN: What you may do has changed: connect again.');
    } catch (error) {
      const ended = error instanceof AppError && error.code === 'UNAUTHENTICATED';
      if (ended) this.end(UNAUTHORIZED, 'UNAUTHENTICATED: The key or the membership has ended.');
      // Whoever cannot be asked now is asked later.
      else this.wait();
    }
  }

  private end(code: number, reason: string): void {
    if (this.over) return;
    this.stop();
    this.options.end(code, reason);
  }
}
