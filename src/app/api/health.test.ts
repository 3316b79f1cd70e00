import fastify, { type FastifyInstance } from 'fastify';
import { type Database } from '../../platform/persistence/database';
import { MIGRATIONS } from '../../platform/persistence/migrate';
import { registerHealth } from './health';

const answering = (applied: number) =>
  ({ asPlatform: () => Promise.resolve([{ applied }]) }) as unknown as Database;
const current = answering(MIGRATIONS.length);
const behind = answering(MIGRATIONS.length - 1);
const gone = { asPlatform: () => Promise.reject(new Error('no such host')) } as unknown as Database;
const silent = { asPlatform: () => new Promise(() => undefined) } as unknown as Database;

async function ask(http: FastifyInstance, url = '/health/ready') {
  const answer = await http.inject({ url });
  return { code: answer.statusCode, checks: answer.json<{ checks: object }>().checks };
}

describe('health', () => {
  it.each([
    ['current', current, 2, { accepting: true, database: true, tables: true, inference: true }],
    ['behind', behind, 2, { accepting: true, database: true, tables: false, inference: true }],
    ['gone', gone, 2, { accepting: true, database: false, tables: false, inference: true }],
    ['silent', silent, 2, { accepting: true, database: false, tables: false, inference: true }],
    ['current', current, 0, { accepting: true, database: true, tables: true, inference: false }],
  ])(
    'is said of a database that is %s and what threads there are',
    async (_what, database, threads, checks) => {
      const http = fastify();
      registerHealth(http, { database, inferenceThreads: () => threads });
      expect(await ask(http)).toMatchObject({
        code: Object.values(checks).every(Boolean) ? 200 : 503,
        checks,
      });
      expect((await http.inject('/health/live')).statusCode).toBe(200);
    },
  );

  it('is not ready once it ends, and still up', async () => {
    const http = fastify();
    registerHealth(http, { database: current }).drain();
    expect(await ask(http)).toMatchObject({ code: 503, checks: { accepting: false } });
    expect((await http.inject('/healthz')).statusCode).toBe(200);
  });
});
