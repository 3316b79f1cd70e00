import { setTimeout as sleep } from 'node:timers/promises';
import { type FastifyInstance } from 'fastify';
import { type Database } from '../../platform/persistence/database';

/** What a person reads who opens the server's address. */
const DIRECTIONS = {
  name: 'Propensity',
  graphql: 'POST /graphql',
  subscriptions:
    'WebSocket /graphql, protocol graphql-transport-ws, connection_init payload {"apiKey": "pk_…"}',
  authentication: 'Authorization: Bearer pk_…',
};

export interface HealthOptions {
  readonly database: Database;
  /** How many threads can answer predictions. */
  readonly inferenceThreads?: (() => number) | undefined;
}

export interface Health {
  /** From now on it is not ready: no new work is to be sent here. */
  drain(): void;
}

/** Asked every few seconds, for ever. */
const UNTRACED = { config: { untraced: true } };

/** A database that does not say anything for so long is not reachable. */
const DATABASE_MS = 2_000;

/**
 * Where to go, whether the process is up, and whether it can work: none of them needs a key. The process has brought the
 * database up to date before it listens, so that its tables are there whenever it answers at all.
 */
export function registerHealth(http: FastifyInstance, options: HealthOptions): Health {
  let draining = false;
  http.get('/', () => DIRECTIONS);
  http.get('/graphql', { config: { graphql: true } }, ({ query }, reply) => {
    if (typeof query !== 'object' || query === null || !('query' in query)) return DIRECTIONS;
    void reply.code(405).header('allow', 'POST');
    const message = 'Operations are taken by POST alone: send this one in the body, as application/json.';
    return { errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] };
  });
  for (const path of ['/healthz', '/health/live']) http.get(path, UNTRACED, () => ({ status: 'up' }));
  for (const path of ['/readyz', '/health/ready']) {
    http.get(path, UNTRACED, async (_request, reply) => {
      const checks = await check(options, draining);
      const isReady = Object.values(checks).every(Boolean);
      void reply.code(isReady ? 200 : 503).header('cache-control', 'no-store');
      return { status: isReady ? 'ready' : 'not ready', checks };
    });
  }
  return {
    drain: () => {
      draining = true;
    },
  };
}

/** By what is needed, whether it is there. */
async function check(
  { database, inferenceThreads }: HealthOptions,
  draining: boolean,
): Promise<Readonly<Record<string, boolean>>> {
  return {
    accepting: !draining,
    database: await isReachable(database),
    inference: inferenceThreads === undefined || inferenceThreads() > 0,
  };
}

async function isReachable(database: Database): Promise<boolean> {
  const asked = database
    .asPlatform((scope) => scope.query('SELECT 1'))
    .then(
      () => true,
      () => false,
    );
  const patience = new AbortController();
  const late = sleep(DATABASE_MS, false, { signal: patience.signal }).catch(() => false);
  const isThere = await Promise.race([asked, late]);
  patience.abort();
  return isThere;
}
