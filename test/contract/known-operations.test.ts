import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fastify, type FastifyInstance } from 'fastify';
import { KnownOperation } from '../../src/app/api/graphql/known-operations';
import { registerGraphql } from '../../src/app/api/graphql-endpoint';
import { registerErrors } from '../../src/app/api/http-errors';
import { OperationContext } from '../../src/app/api/operation-context';
import { PersistedOperations } from '../../src/app/api/persisted-operations';
import { registerRates, RequestRates } from '../../src/app/api/rates';
import { AppError } from '../../src/errors';
import { OperationGate } from '../../src/graphql/limits/operation-gate';
import { loadConfig } from '../../src/platform/config/config';
import { createLogger } from '../../src/platform/telemetry/logger';
import { type RateLimiter } from '../../src/platform/tenancy/rate-limiter';
import { type RequestContext } from '../../src/platform/tenancy/request-context';
import { EXECUTED, PERSISTED, query, REFUSED } from '../support/api/contract-requests';
import { contractSchema } from '../support/api/contract-schema';

const context = (requestId: string): RequestContext => ({
  requestId,
  actor: { id: 'key', role: 'ANALYST', tenantId: 'tenant' },
});
const limiter = {
  take: () => {
    const details = { limit: 1, remaining: 0, retryAfterSeconds: 7 };
    return Promise.reject(new AppError('RATE_LIMITED', 'later', [], { details }));
  },
} as unknown as RateLimiter;

const logger = createLogger('test', 'silent');
const logged = jest.spyOn(logger, 'error');
const answered = jest.spyOn(KnownOperation.prototype, 'answer');

let folder: string;
let http: FastifyInstance;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'propensity-known-'));
  await writeFile(path.join(folder, 'kept.graphql'), PERSISTED);
  const schema = contractSchema();
  const gate = new OperationGate(schema, { ...loadConfig({}), maxOperationCost: 100 });
  http = fastify({ genReqId: () => 'the-id' });
  http.removeContentTypeParser('text/plain');
  registerErrors(http, logger);
  registerRates(http);
  http.decorate('identify', (request) => {
    request.rates = new RequestRates(limiter, context(request.id));
    return Promise.resolve(context(request.id));
  });
  await registerGraphql(http, {
    schema,
    gate,
    persisted: await PersistedOperations.load({ from: folder, only: false, schema, gate }),
    contextOf: (request, extras) =>
      new OperationContext(request, { services: {} as never, container: {} as never }, extras),
    logger,
    openSchema: false,
    timeoutMs: 150,
  });
  await http.ready();
});
afterAll(async () => {
  await http.close();
  await rm(folder, { recursive: true });
});

interface Told {
  readonly status: number;
  readonly headers: object;
  readonly body: string;
  /** What the log says of it. */
  readonly defects: unknown[];
}

/** The same request once more, and whether it was answered by what was compiled. */
async function send(
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ readonly told: Told; readonly isCompiled: boolean }> {
  logged.mockClear();
  answered.mockClear();
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await http.inject({
    method: 'POST',
    url: '/graphql',
    payload,
    headers: { 'content-type': 'application/json', ...headers },
  });
  const told = { ...answer.headers, date: '' };
  const defects = logged.mock.calls.map(([what]: unknown[]) => what as { err: Error; requestId: string });
  return {
    told: {
      status: answer.statusCode,
      headers: told,
      body: answer.body,
      defects: defects.map(({ err, ...rest }) => ({ ...rest, message: err.message })),
    },
    isCompiled: answered.mock.results.some(({ value }) => value !== null),
  };
}

async function inBothWays(body: unknown, headers?: Record<string, string>): Promise<Told> {
  const [executed, compiled, again] = [
    await send(body, headers),
    await send(body, headers),
    await send(body, headers),
  ];
  expect([executed.isCompiled, compiled.isCompiled, again.isCompiled]).toEqual([false, true, true]);
  expect(compiled.told).toEqual(executed.told);
  expect(again.told).toEqual(executed.told);
  return executed.told;
}

describe('an operation that comes again', () => {
  it.each(EXECUTED)('is answered as the first time: %s', async (_what, body, status, part) => {
    const told = await inBothWays(body);
    expect(told.status).toBe(status);
    expect(told.body).toContain(part);
    expect(told.body).not.toMatch(/secret|10\.0\.0\.7/);
    expect(told.headers).toHaveProperty('x-operation-cost');
  });

  it.each([
    ['application/json', 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
    ['application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
    ['application/graphql-response+json;q=0.4, application/json', 'application/json; charset=utf-8'],
    ['text/html, application/*;q=0.5', 'application/json; charset=utf-8'],
  ])('has the type that is accepted: %s', async (accept, type) => {
    const told = await inBothWays(query(`{ color fails(how: TYPED) } # ${accept}`), { accept });
    expect(told.headers).toMatchObject({ 'content-type': type });
  });

  it('is refused with other variables as the first time', async () => {
    const text = 'query ($of: Int!) { again: twice(of: $of) }';
    const wrong = query(text, { of: 'many' });
    const first = await send(wrong);
    await inBothWays(query(`${text} #`, { of: 1 }));
    for (let time = 0; time < 3; time++) await send(query(text, { of: time }));
    expect(await send(wrong)).toEqual(first);
  });

  it('that takes too long is answered with TIMEOUT', async () => {
    const told = await inBothWays(query('{ hangs }'));
    expect([told.status, told.body]).toEqual([503, expect.stringContaining('"TIMEOUT"')]);
  });
});

describe('what is refused', () => {
  it.each(REFUSED)('is refused each time alike: %s', async (_what, body, status, part) => {
    const [first, second, third] = [await send(body), await send(body), await send(body)];
    expect(first.told.status).toBe(status);
    expect(first.told.body).toContain(part);
    expect(first.told.body).toContain('"requestId":"the-id"');
    expect(first.isCompiled).toBe(false);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
  });

  it.each([
    ['an answer that we have not', { accept: 'text/html' }, 406],
    ['what a form sends', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['what a page sends without asking', { 'content-type': 'text/plain' }, 415],
  ])('executes nothing, known or not: %s', async (what, headers, status) => {
    const asked = query(`mutation { put(name: "${what}") { __typename } }`);
    const first = await send(asked, headers);
    await inBothWays(asked);
    answered.mockClear();
    const again = await send(asked, headers);
    expect(answered).not.toHaveBeenCalled();
    expect(first.told.status).toBe(status);
    expect(again).toEqual(first);
  });

  it('is by its digest what it is by its text', async () => {
    const sha256Hash = createHash('sha256').update(PERSISTED).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const byDigest = await send({ extensions, variables: { of: 'many' } });
    const byText = await send({ query: PERSISTED, variables: { of: 'many' } });
    expect(byDigest).toEqual(byText);
  });
});
