import { createHash, randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import {
  type Disturbance,
  S3_BUCKET,
  S3_CREDENTIALS,
  startS3,
  type TestS3,
} from '../../../../test/support/artifacts/s3-server';
import { recognizeErrorsOfAllRealms } from '../../../../test/support/artifacts/errors-of-all-realms';
import { LocalCopies } from '../local-copies';
import { type S3StoresOptions, S3ObjectStores } from './s3-object-store';

const MIB = 1024 * 1024;
const tenantId = randomUUID();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'propensity-copies-'));
let server: TestS3;
let copies: LocalCopies;

beforeAll(async () => {
  recognizeErrorsOfAllRealms();
  server = await startS3();
  copies = await LocalCopies.open({ folder, maxBytes: 2 ** 30 });
});
beforeEach(() => {
  Object.assign(process.env, S3_CREDENTIALS);
  server.requests.length = 0;
});
afterEach(() => {
  server.disturb = null;
  expect(fs.readdirSync(path.join(folder, 'unfinished'))).toEqual([]);
});
afterAll(async () => {
  await server.stop();
  fs.rmSync(folder, { recursive: true });
});

const open = (changed: Partial<S3StoresOptions> = {}): Promise<S3ObjectStores> =>
  S3ObjectStores.open({
    ...{ bucket: S3_BUCKET, prefix: '', endpoint: server.endpoint, region: 'us-east-1', pathStyle: true },
    copies,
    patience: { connectMs: 5_000, silenceMs: 20_000, attempts: 3 },
    ...changed,
  });

/** Disturbs the first so many requests that match. */
function firstOf(count: number, matches: RegExp, how: Disturbance): Disturbance {
  let left = count;
  return (request, response) => {
    if (left === 0 || !matches.test(`${request.method} ${request.url}`)) return undefined;
    left -= 1;
    return how(request, response);
  };
}

const overloaded: Disturbance = (_request, response) => {
  response.writeHead(503, { 'content-type': 'application/xml' });
  response.end('<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>');
  return 'handled';
};
const reset: Disturbance = (request) => {
  request.socket.destroy();
  return 'handled';
};
/** Cuts the connection in the middle of what is answered. */
const cut: Disturbance = (_request, response) => {
  let sent = 0;
  const write = response.write.bind(response) as (chunk: Uint8Array) => boolean;
  response.write = ((chunk: Uint8Array) => {
    sent += chunk.length;
    const went = write(chunk);
    if (sent > 100_000) response.destroy();
    return went;
  }) as typeof response.write;
  return undefined;
};
const discarded: Disturbance = (_request, response) => {
  response.writeHead(204).end();
  return 'handled';
};
const never: Disturbance = () => 'handled';

describe('S3ObjectStores', () => {
  const impatient = { patience: { connectMs: 5_000, silenceMs: 500, attempts: 3 } };

  it.each([
    ['an answer that asks for patience', overloaded],
    ['a reset connection', reset],
    ['a connection on which nothing is heard', never],
  ])('tries again after %s', async (_, how) => {
    const store = (await open(impatient)).forTenant(tenantId);
    const bytes = randomBytes(1000);
    server.disturb = firstOf(2, /^PUT/, how);
    const { sha256 } = await store.put(bytes);
    server.disturb = firstOf(2, /^GET/, how);
    expect(Buffer.from(await store.get(sha256)).equals(bytes)).toBe(true);
  });

  it.each([
    ['answers that ask for patience', overloaded, /asked for too much|overloaded/],
    ['reset connections', reset, /cannot be reached/],
    ['connections on which nothing is heard', never, /cannot be reached/],
  ])('is unavailable on %s that do not end, and says nothing of where it is', async (_, how, message) => {
    const store = (await open(impatient)).forTenant(tenantId);
    const { sha256 } = await store.put(randomBytes(10));
    server.disturb = firstOf(1_000, /./, how);
    for (const ask of [
      () => store.put(randomBytes(10)),
      () => store.put(Readable.from([randomBytes(10)])),
      () => store.get(sha256),
      () => store.has(sha256),
      () => store.delete(sha256),
      () => store.putNamed('run', randomBytes(10)),
      () => store.getNamed('run'),
      () => store.deleteNamed('run'),
    ]) {
      const error = (await ask().catch((thrown: unknown) => thrown)) as Error;
      expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(message) as string });
      expect(error.message).not.toMatch(/127\.0\.0\.1|S3RVER|objects\//);
    }
  });

  it('goes on where a body broke off, with what is missing alone', async () => {
    const store = (await open()).forTenant(tenantId);
    const bytes = randomBytes(2 * MIB);
    const { sha256 } = await store.put(bytes);
    const ranges: (string | undefined)[] = [];
    const cutting = firstOf(2, /^GET/, cut);
    server.disturb = (request, response) => {
      if (request.method === 'GET') ranges.push(request.headers.range);
      return cutting(request, response);
    };
    expect(fs.readFileSync(await store.localPath(sha256)).equals(bytes)).toBe(true);
    expect(ranges).toEqual([
      undefined,
      expect.stringMatching(/^bytes=[1-9]\d*-$/),
      expect.stringMatching(/^bytes=[1-9]\d*-$/),
    ]);
  });

  it('sends a large stream in parts, of which one that fails is sent again', async () => {
    const store = (await open()).forTenant(tenantId);
    const bytes = randomBytes(40 * MIB);
    server.disturb = firstOf(1, /partNumber=2/, reset);
    const { sha256 } = await store.put(Readable.from(bytes, { objectMode: false, highWaterMark: MIB }));
    const parts = server.requests.filter((request) => request.includes('partNumber='));
    expect(new Set(parts.map((request) => /partNumber=(\d+)/.exec(request)?.[1]))).toEqual(
      new Set(['1', '2', '3']),
    );
    expect(Buffer.from(await store.get(sha256)).equals(bytes)).toBe(true);
  });

  it('discards the parts when one cannot be sent, and has nothing', async () => {
    const store = (await open()).forTenant(tenantId);
    const bytes = randomBytes(40 * MIB);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    // This server does not know how to discard parts: it is seen that it was asked to.
    server.disturb = firstOf(100, /partNumber=3|^DELETE .*uploadId=/, (request, response) =>
      request.method === 'DELETE' ? discarded(request, response) : overloaded(request, response),
    );
    await expect(store.put(Readable.from(bytes, { objectMode: false }))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(server.requests.filter((request) => /^DELETE .*uploadId=/.test(request))).toHaveLength(1);
    server.disturb = null;
    expect(await store.has(sha256)).toBe(false);
    await expect(store.localPath(sha256)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('reads what it stored from this machine, and what another machine stored from the store', async () => {
    const here = (await open()).forTenant(tenantId);
    const bytes = randomBytes(1000);
    const { sha256 } = await here.put(Readable.from([bytes]));
    server.requests.length = 0;
    expect(fs.readFileSync(await here.localPath(sha256)).equals(bytes)).toBe(true);
    expect(server.requests).toEqual([]);
    const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), 'propensity-copies-'));
    const there = await open({ copies: await LocalCopies.open({ folder: elsewhere, maxBytes: 100 }) });
    const file = await there.forTenant(tenantId).localPath(sha256);
    expect(file.startsWith(elsewhere)).toBe(true);
    expect(fs.readFileSync(file).equals(bytes)).toBe(true);
    fs.rmSync(elsewhere, { recursive: true });
  });

  it('works with what is here while the store is away', async () => {
    const store = (await open()).forTenant(tenantId);
    const { sha256 } = await store.put(Readable.from([randomBytes(10)]));
    server.disturb = firstOf(100, /./, reset);
    expect(fs.existsSync(await store.localPath(sha256))).toBe(true);
  });

  describe('is refused when it is opened', () => {
    it.each([
      ['with a bucket that is not there', { bucket: 'elsewhere' }, /its bucket does not exist: make it/],
    ])('%s', async (_, changed, message) => {
      const stores = await open(changed);
      await expect(stores.check()).rejects.toMatchObject({
        code: 'INVALID_CONFIGURATION',
        message: expect.stringMatching(message) as string,
      });
    });

    it('with credentials that are not right, which it does not repeat', async () => {
      process.env['AWS_SECRET_ACCESS_KEY'] = 'not the secret';
      const error = (await (await open()).check().catch((thrown: unknown) => thrown)) as Error;
      expect(error).toMatchObject({
        code: 'INVALID_CONFIGURATION',
        message: expect.stringMatching(/the credentials are not right: set others/) as string,
      });
      expect(JSON.stringify([error.message, error.cause])).not.toMatch(/not the secret|S3RVER/);
    });

    it('and is unavailable when nobody listens there', async () => {
      const gone = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => gone.once('listening', resolve));
      const { port } = gone.address() as AddressInfo;
      await new Promise((resolve) => gone.close(resolve));
      const stores = await open({ endpoint: `http://127.0.0.1:${port}` });
      await expect(stores.check()).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: 'the object store does not work, because it cannot be reached: try again later',
      });
    });
  });
});
