import { type FastifyInstance } from 'fastify';
import { AppError } from '../../errors';
import { type Quota, QuotaExceededError, remainingOf } from '../../platform/tenancy/quotas/quota';
import { type UsageMeter } from '../../platform/tenancy/quotas/usage-meter';
import { type Rate, type RateLimiter, type RateState } from '../../platform/tenancy/rate-limiter';
import { type RequestContext } from '../../platform/tenancy/request-context';

/** What one request takes of its tenant's rates and quotas. */
export class RequestRates {
  private readonly states = new Map<Rate, RateState>();
  private readonly quotas = new Map<string, Quota>();
  private retryAfterSeconds: number | null = null;

  constructor(
    private readonly limiter: RateLimiter,
    private readonly ctx: RequestContext,
    /** Counts the predictions of the day; absent for what predicts nothing. */
    private readonly meter: UsageMeter | null = null,
  ) {}

  /** @throws AppError RATE_LIMITED; QuotaExceededError; platform administrators have neither */
  async take(rate: Rate, amount: number): Promise<void> {
    const { tenantId } = this.ctx.actor;
    if (tenantId === null) return;
    try {
      this.states.set(rate, await this.limiter.take(tenantId, rate, amount));
    } catch (error) {
      if (error instanceof AppError && error.code === 'RATE_LIMITED') {
        const figure = (name: string) => Number(error.details[name] ?? 0);
        const resetSeconds = Math.max(1, figure('retryAfterSeconds'));
        this.states.set(rate, { limit: figure('limit'), remaining: figure('remaining'), resetSeconds });
        this.retryAfter(resetSeconds);
      }
      throw error;
    }
    if (rate === 'predictions' && this.meter) await this.count(this.meter.take(tenantId, amount));
  }

  /** Has the answer say what is left of a quota. */
  tell(quota: Quota): void {
    if (quota.limit !== null) this.quotas.set(quota.kind, quota);
  }

  /** As the IETF's draft on rate limit header fields has them. */
  headers(): Readonly<Record<string, string>> {
    if (this.states.size === 0) return {};
    const entries = [...this.states];
    const quotas = [...this.quotas.values()];
    return {
      'ratelimit-policy': [
        ...entries.map(([name, { limit }]) => `"${name}";q=${limit};w=60`),
        ...quotas.map((quota) => `"${nameOf(quota)}";q=${quota.limit}${windowOf(quota)}`),
      ].join(', '),
      ratelimit: [
        ...entries.map(([name, { remaining, resetSeconds }]) => `"${name}";r=${remaining};t=${resetSeconds}`),
        ...quotas.map((quota) => `"${nameOf(quota)}";r=${remainingOf(quota)}${resetOf(quota)}`),
      ].join(', '),
      ...(this.retryAfterSeconds !== null && { 'retry-after': String(this.retryAfterSeconds) }),
    };
  }

  private async count(taken: Promise<Quota>): Promise<void> {
    try {
      this.tell(await taken);
    } catch (error) {
      if (error instanceof QuotaExceededError) {
        this.tell(error.quota);
        const { resetsAt } = error.quota;
        if (resetsAt) this.retryAfter(secondsTo(resetsAt));
      }
      throw error;
    }
  }

  private retryAfter(seconds: number): void {
    this.retryAfterSeconds = Math.max(seconds, this.retryAfterSeconds ?? 0);
  }
}

/** Such as `predictions-per-day`. */
const nameOf = ({ kind }: Quota): string => kind.toLowerCase().replaceAll('_', '-');

/** What is stored has no window, and is not given back by waiting. */
const windowOf = ({ startsAt, resetsAt }: Quota): string =>
  startsAt && resetsAt ? `;w=${(resetsAt.getTime() - startsAt.getTime()) / 1_000}` : '';

const resetOf = ({ resetsAt }: Quota): string => (resetsAt ? `;t=${secondsTo(resetsAt)}` : '');

const secondsTo = (moment: Date): number => Math.max(1, Math.ceil((moment.getTime() - Date.now()) / 1_000));

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
