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

/** Where to go, whether the process is up, and whether it can work. None of them needs a key. */
export function registerHealth(http: FastifyInstance, database: Database): void {
  http.get('/', () => DIRECTIONS);
  http.get('/graphql', { config: { graphql: true } }, ({ query }, reply) => {
    if (typeof query !== 'object' || query === null || !('query' in query)) return DIRECTIONS;
    void reply.code(405).header('allow', 'POST');
    const message = 'Operations are taken by POST alone: send this one in the body, as application/json.';
    return { errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] };
  });
  http.get('/healthz', () => ({ status: 'up' }));
  http.get('/readyz', async () => {
    await database.asPlatform((scope) => scope.query('SELECT 1'));
    return { status: 'ready' };
  });
}
