import { type FastifyInstance } from 'fastify';
import { AppError } from '../../errors';
import { type Rate, type RateLimiter, type RateState } from '../../platform/tenancy/rate-limiter';
import { type RequestContext } from '../../platform/tenancy/request-context';

/** What one request takes of its tenant's rates. */
export class RequestRates {
  private readonly states = new Map<Rate, RateState>();
  private retryAfterSeconds: number | null = null;

  constructor(
    private readonly limiter: RateLimiter,
    private readonly ctx: RequestContext,
  ) {}

  /** @throws AppError RATE_LIMITED; platform administrators have no rates */
  async take(rate: Rate, amount: number): Promise<void> {
    const { tenantId } = this.ctx.actor;
    if (tenantId === null) return;
    try {
      this.states.set(rate, await this.limiter.take(tenantId, rate, amount));
    } catch (error) {
      if (error instanceof AppError && error.code === 'RATE_LIMITED') {
        const { limit = 0, remaining = 0, retryAfterSeconds = 1 } = error.details;
        this.states.set(rate, { limit, remaining, resetSeconds: retryAfterSeconds });
        this.retryAfterSeconds = Math.max(retryAfterSeconds, this.retryAfterSeconds ?? 0);
      }
      throw error;
    }
  }

  /** As the IETF's draft on rate limit header fields has them. */
  headers(): Readonly<Record<string, string>> {
    if (this.states.size === 0) return {};
    const entries = [...this.states];
    return {
      'ratelimit-policy': entries.map(([name, { limit }]) => `"${name}";q=${limit};w=60`).join(', '),
      ratelimit: entries
        .map(([name, { remaining, resetSeconds }]) => `"${name}";r=${remaining};t=${resetSeconds}`)
        .join(', '),
      ...(this.retryAfterSeconds !== null && { 'retry-after': String(this.retryAfterSeconds) }),
    };
  }
}

export const RATE_HEADERS = ['ratelimit-policy', 'ratelimit', 'retry-after'];

declare module 'fastify' {
  interface FastifyRequest {
    /** What it took so far; null before it is known who asks. */
    rates: RequestRates | null;
  }
}

/** Every answer to a tenant says what is left of its rates. */
export function registerRates(http: FastifyInstance): void {
  http.decorateRequest('rates', null);
  http.addHook('onSend', (request, reply, payload, done) => {
    void reply.headers(request.rates?.headers() ?? {});
    done(null, payload);
  });
}
