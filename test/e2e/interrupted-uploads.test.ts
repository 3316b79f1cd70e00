import net from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { TestClient } from '../support/e2e/client';
import { digestOf, KIND, lookAt, start, TABLE, table, tenantOf, train } from '../support/e2e/hostile-files';
import { PlatformProcess, withDataDirectory } from '../support/e2e/platform';

/** Uploads that collide, break off or do not end: a dataset has one file, whole, or none. */
const MAX_UPLOAD_BYTES = 4 << 20;

let platform: PlatformProcess;
let admin: TestClient;
let done: () => void;
let finished: Promise<void>;
beforeAll(async () => {
  await new Promise<void>((started, failed) => {
    const ended = new Promise<void>((resolve) => (done = resolve));
    finished = withDataDirectory(async (dataDirectory) => {
      platform = PlatformProcess.start({
        dataDirectory,
        environment: { PROPENSITY_MAX_UPLOAD_BYTES: String(MAX_UPLOAD_BYTES) },
      });
      try {
        admin = new TestClient(await platform.url(), await platform.platformAdminKey());
        started();
        await ended;
      } finally {
        await platform.stop();
      }
    });
    finished.catch(failed);
  });
}, 120_000);
afterAll(async () => {
  done();
  await finished;
});

describe('uploads at the same time', () => {
  it('of the same file are one dataset; of different files one is taken, whole, and the other is a conflict', async () => {
    const tenant = await tenantOf(admin, TABLE);
    const same = await tenant.announceDataset(KIND);
    const twice = await Promise.all([1, 2].map(() => tenant.put(same.uploadUrl, table())));
    expect(twice.map(({ status }) => status)).toEqual([200, 200]);
    const [first, second] = await Promise.all(twice.map((response) => response.json()));
    expect(second).toEqual(first);

    const either = await tenant.announceDataset(KIND);
    const files = [table(), table((row, i) => (i < 40 ? `${row},too many` : row))];
    const answers = await Promise.all(files.map((file) => tenant.put(either.uploadUrl, file)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const taken = answers.findIndex(({ status }) => status === 200);
    const { sha256 } = await tenant.field<{ sha256: string }>(
      'query ($id: ID!) { dataset(id: $id) { sha256 } }',
      {
        id: either.id,
      },
    );
    expect(sha256).toBe(digestOf(files[taken]!));
    const quarantined = taken === 0 ? 0 : 40;
    expect(await train(tenant, either.id)).toMatchObject({ rows: 400, quarantined, used: 400 - quarantined });
  }, 120_000);
});

describe('an upload that does not arrive', () => {
  it('because it is cut in the middle leaves the dataset as it was, for the whole file to be sent', async () => {
    const tenant = await tenantOf(admin, TABLE);
    const { id, uploadUrl } = await tenant.announceDataset(KIND);
    const { hostname, port } = new URL(tenant.url);
    const socket = net.connect(Number(port), hostname);
    const content = table();
    await new Promise<void>((sent) =>
      socket.write(
        [
          `PUT ${uploadUrl} HTTP/1.1`,
          'Host: localhost',
          `Authorization: Bearer ${tenant.apiKey}`,
          `Content-Length: ${content.length}`,
          '',
          content.subarray(0, 2_000).toString(),
        ].join('\r\n'),
        () => sent(),
      ),
    );
    socket.destroy();
    expect(await lookAt(tenant, id)).toMatchObject({
      state: 'AWAITING_UPLOAD',
      rejection: null,
      rowCount: null,
    });
    expect(await start(tenant, id)).toMatchObject({ __typename: 'Conflict', code: 'CONFLICT' });
    // A copy that was cut elsewhere arrives whole, and is seen to be cut.
    const cut = await tenant.put(uploadUrl, content.subarray(0, 2_000));
    expect([cut.status, await cut.json()]).toMatchObject([422, { code: 'INVALID_DATA' }]);
    expect((await tenant.put(uploadUrl, content)).status).toBe(200);
    expect(await train(tenant, id)).toMatchObject({ rows: 400, quarantined: 0, used: 400 });
  }, 120_000);

  it.each<[string, Record<string, string>]>([
    ['announced', { 'content-length': String(2 * 2 ** 30) }],
    ['streamed', { 'transfer-encoding': 'chunked' }],
  ])(
    'because it is a line of 2 GB, %s, is refused early',
    async (_, headers) => {
      const tenant = await tenantOf(admin, TABLE);
      const { id, uploadUrl } = await tenant.announceDataset(KIND);
      const { hostname, port } = new URL(tenant.url);
      const socket = net.connect(Number(port), hostname);
      // A sender that hears why stops; one that does not is cut off after a while.
      const answered = new Promise<string>((resolve) => {
        let text = '';
        socket.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
          if (text.endsWith('}')) resolve(text);
        });
        socket.on('close', () => resolve(text)).on('error', () => undefined);
      });
      const lines = Object.entries({
        host: 'localhost',
        authorization: `Bearer ${tenant.apiKey}`,
        ...headers,
      });
      socket.write(
        `PUT ${uploadUrl} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
      );
      const isChunked = 'transfer-encoding' in headers;
      const piece = 'x'.repeat(1 << 16);
      let sent = 0;
      const line = Readable.from(
        (function* () {
          for (; sent < 2 * 2 ** 30; sent += piece.length)
            yield isChunked ? `${piece.length.toString(16)}\r\n${piece}\r\n` : piece;
        })(),
      );
      line.pipe(socket).on('close', () => line.destroy());
      const text = await answered;
      line.destroy();
      socket.destroy();
      expect(text).toMatch(/^HTTP\/1\.1 413/);
      expect(text).toContain('PAYLOAD_TOO_LARGE');
      // Its limit, and what lay in buffers on the way: nowhere near all of it.
      expect(sent).toBeLessThan(1 << 30);
      expect(await lookAt(tenant, id)).toMatchObject({ state: 'AWAITING_UPLOAD', rejection: null });
    },
    120_000,
  );

  it('because it unpacks to too much is refused', async () => {
    const tenant = await tenantOf(admin, TABLE);
    const { id, uploadUrl } = await tenant.announceDataset(KIND);
    const response = await tenant.put(uploadUrl, gzipSync(Buffer.alloc(17 * MAX_UPLOAD_BYTES, 'x')));
    expect([response.status, await response.json()]).toMatchObject([413, { code: 'PAYLOAD_TOO_LARGE' }]);
    expect(await lookAt(tenant, id)).toMatchObject({ state: 'AWAITING_UPLOAD', rejection: null });
  });
});

it('nothing of this ended a process or was an error of ours', () => {
  expect(platform.written).not.toMatch(/INTERNAL_SERVER_ERROR|unhandled|starting it again|"level":(50|60)/i);
});
