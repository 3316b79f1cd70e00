import { type FastifyInstance } from 'fastify';
import { type Database } from '../../platform/persistence/database';
import { SchemaState } from '../../platform/persistence/schema-state';
import { type Checks, readiness } from '../../platform/telemetry/readiness';

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

/**
 * Where to go, whether the process is up, and whether it can work: none of them needs a key.
 */
export function registerHealth(http: FastifyInstance, options: HealthOptions): Health {
  let draining = false;
  const { database, inferenceThreads } = options;
  const schema = new SchemaState(database);
  const checks: Checks = {
    accepting: () => !draining,
    database: () => schema.isReachable(),
    tables: () => schema.isCurrent(),
    inference: () => inferenceThreads === undefined || inferenceThreads() > 0,
  };
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
      const { isReady, body } = await readiness(checks);
      void reply.code(isReady ? 200 : 503).header('cache-control', 'no-store');
      return body;
    });
  }
  return {
    drain: () => {
      draining = true;
    },
  };
}
