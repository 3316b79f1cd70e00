import { randomUUID } from 'node:crypto';
import { type IncomingHttpHeaders } from 'node:http';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { AppError } from '../../errors';
import { type Database } from '../../platform/persistence/database';
import { authenticate } from '../../platform/tenancy/authenticate';
import { type RateLimiter } from '../../platform/tenancy/rate-limiter';
import { type Actor, type RequestContext, requireOperation } from '../../platform/tenancy/request-context';
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
export function registerIdentity(http: FastifyInstance, database: Database, limiter: RateLimiter): void {
  registerRates(http);
  http.decorateRequest('tenantId', null);
  http.decorate('identify', async (request: FastifyRequest) => {
    const context = await identify(database, request);
    request.tenantId = context.actor.tenantId;
    request.rates = new RequestRates(limiter, context);
    await request.rates.take('requests', 1);
    return context;
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
     * @throws AppError UNAUTHENTICATED; RATE_LIMITED; FORBIDDEN for a key that is restricted to other operations
     */
    identify(request: FastifyRequest): Promise<RequestContext>;
  }
}

async function identify(database: Database, request: FastifyRequest): Promise<RequestContext> {
  const context: RequestContext = {
    requestId: request.id,
    actor: await actorOf(database, keyOf(request.headers)),
    origin: { ip: request.ip, userAgent: request.headers['user-agent'] ?? null },
  };
  const [, area = ''] = (request.routeOptions.url ?? '').split('/');
  // In GraphQL, each field asks.
  if (area !== 'graphql') requireOperation(context, area);
  return context;
}

/** @throws AppError UNAUTHENTICATED for a key that is absent, unknown, expired or revoked */
export async function actorOf(database: Database, key: string | null): Promise<Actor> {
  if (key === null) {
    throw new AppError(
      'UNAUTHENTICATED',
      'An API key is needed: send it as "Authorization: Bearer pk_…" or as "x-api-key: pk_…".',
    );
  }
  const actor = await authenticate(database, key);
  if (actor) return actor;
  throw new AppError('UNAUTHENTICATED', 'The API key is unknown, expired or revoked: use another one.');
}

/** The key that a request carries, in either header. */
export function keyOf(headers: IncomingHttpHeaders): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const plain = headers['x-api-key'];
  return bearer ?? (typeof plain === 'string' && plain !== '' ? plain : null);
}
