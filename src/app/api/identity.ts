import { randomUUID } from 'node:crypto';
import { type IncomingHttpHeaders } from 'node:http';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type RateLimiter } from '../../platform/tenancy/rate-limiter';
import { type UsageMeter } from '../../platform/tenancy/quotas/usage-meter';
import { type RequestContext, requireOperation } from '../../platform/tenancy/request-context';
import { credentialsOf, type Identification } from './identification';
import { registerRates, RequestRates } from './rates';

export const REQUEST_ID_HEADER = 'x-request-id';

/** Ids that callers choose end up in logs and database rows. */
const SANE_REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** The request's id: the caller's when it is sane, else a new one. */
export function requestIdOf({ headers }: { headers: IncomingHttpHeaders }): string {
  const given = headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && SANE_REQUEST_ID.test(given) ? given : randomUUID();
}

/** Every answer names its request. */
export function registerIdentity(
  http: FastifyInstance,
  identification: Identification,
  { limiter, meter }: { readonly limiter: RateLimiter; readonly meter: UsageMeter },
): void {
  registerRates(http);
  http.decorateRequest('tenantId', null);
  http.decorate('identify', async (request: FastifyRequest) => {
    const context = await identify(identification, request);
    request.tenantId = context.actor.tenantId;
    const rates = (request.rates = new RequestRates(limiter, context, meter));
    await rates.take('requests', 1);
    return { ...context, onQuota: (quota) => rates.tell(quota) };
  });
  http.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request it is; null before that is known, and for platform administrators. */
    tenantId: string | null;
  }
  interface FastifyInstance {
    /**
     * Who asks; it counts as one of the tenant's requests.
     * @throws AppError UNAUTHENTICATED; RATE_LIMITED; FORBIDDEN for one that is restricted to other operations
     */
    identify(request: FastifyRequest): Promise<RequestContext>;
  }
}

async function identify(identification: Identification, request: FastifyRequest): Promise<RequestContext> {
  const context = await identification.contextOf(credentialsOf(request.headers), {
    requestId: request.id,
    origin: { ip: request.ip, userAgent: request.headers['user-agent'] ?? null },
  });
  const [, area = ''] = (request.routeOptions.url ?? '').split('/');
  // In GraphQL, each field asks.
  if (area !== 'graphql') requireOperation(context, area);
  return context;
}
