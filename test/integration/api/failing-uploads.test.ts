import { readdir } from 'node:fs/promises';
import net from 'node:net';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  announceDataset,
  type AnnouncedDataset,
  configureTable,
  KIND,
  stateOf,
  TABLE_CSV,
} from '../../support/api/table-dataset';
import { type ApiTenant, MAX_UPLOAD_BYTES, startTestApi, type TestApi } from '../../support/api/test-api';
import { until } from '../../support/training/until';

let test: TestApi;
let owner: ApiTenant;
let dataset: AnnouncedDataset;
beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
  await configureTable(owner.caller);
});
afterAll(() => test.close());
beforeEach(async () => {
  dataset = await announceDataset(owner.caller);
});
afterEach(async () => {
  // Whatever went wrong, nothing waits on the disk.
  await until(waiting, (files) => files.length === 0);
});

const waiting = (): Promise<string[]> => readdir(test.uploads).catch(() => []);

function put(body: RequestInit['body'], headers: Record<string, string> = {}): Promise<Response> {
  return owner.caller.http(dataset.uploadUrl, { method: 'PUT', body: body ?? null, headers, duplex: 'half' });
}

/** Sends a request's beginning by hand; gives what the server answers until it or the test hangs up. */
function sendRaw(head: readonly string[], body: string): { socket: net.Socket; answer: Promise<string> } {
  const { hostname, port } = new URL(test.url);
  const socket = net.connect(Number(port), hostname);
  const lines = [
    `PUT ${dataset.uploadUrl} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${owner.caller.key ?? ''}`,
    ...head,
    '',
    body,
  ];
  socket.write(lines.join('\r\n'));
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('close', () => resolve(text)).on('error', () => undefined);
  });
  return { socket, answer };
}

describe('an upload that cannot be used', () => {
  it.each([
    ['0 bytes', '', 'INVALID_DATA'],
    ['a missing column', 'x,label\n1,1\n2,0\n', 'INVALID_DATA'],
    ['a label with three values', 'x,color,label\n1,a,1\n2,b,0\n3,c,2\n', 'INVALID_DATA'],
    ['a label of one class', 'x,color,label\n1,a,1\n2,b,1\n', 'INVALID_DATA'],
    ['a header alone', 'x,color,label\n', 'INVALID_DATA'],
    ['a file that ends inside a row', `${TABLE_CSV}5.0,re`, 'INVALID_DATA'],
    ['a file that ends inside quotes', `${TABLE_CSV}5.0,"re`, 'INVALID_DATA'],
    ['a picture', Buffer.from('89504e470d0a1a0a', 'hex'), 'INVALID_DATA'],
  ])('makes the dataset REJECTED with the reason: %s', async (_name, body, code) => {
    const response = await put(body);
    const answer = (await response.json()) as { message: string };
    expect(response.status).toBe(422);
    expect(answer).toMatchObject({ code, requestId: response.headers.get('x-request-id') });
    const { dataset: found } = await owner.caller.data<{ dataset: object }>(
      'query ($id: ID!) { dataset(id: $id) { state sha256 rowCount rejection { code message } } }',
      { id: dataset.id },
    );
    expect(found).toEqual({
      state: 'REJECTED',
      sha256: null,
      rowCount: null,
      rejection: { code, message: answer.message },
    });
  });

  it('may be followed by one that can', async () => {
    expect((await put('')).status).toBe(422);
    expect((await put(TABLE_CSV)).status).toBe(200);
    expect(await stateOf(owner.caller, dataset.id)).toBe('READY');
  });
});

describe('an upload that does not arrive whole leaves the dataset as it was', () => {
  it('when its connection breaks', async () => {
    const { socket } = sendRaw([`Content-Length: ${TABLE_CSV.length}`], TABLE_CSV.slice(0, 20));
    await until(waiting, (files) => files.length === 1);
    socket.destroy();
    await until(waiting, (files) => files.length === 0);
    expect(await stateOf(owner.caller, dataset.id)).toBe('AWAITING_UPLOAD');
  });

  it('when it ends without the last chunk', async () => {
    const chunk = TABLE_CSV.slice(0, 20);
    const { socket } = sendRaw(
      ['Transfer-Encoding: chunked'],
      `${chunk.length.toString(16)}\r\n${chunk}\r\n`,
    );
    await until(waiting, (files) => files.length === 1);
    socket.end();
    await until(waiting, (files) => files.length === 0);
    expect(await stateOf(owner.caller, dataset.id)).toBe('AWAITING_UPLOAD');
  });

  it('when its digest is another', async () => {
    const response = await put(TABLE_CSV, { 'x-content-sha256': createHash('sha256').digest('hex') });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'INVALID_DATA' });
    expect(await stateOf(owner.caller, dataset.id)).toBe('AWAITING_UPLOAD');
  });

  it('when its digest is malformed', async () => {
    const response = await put(TABLE_CSV, { 'content-digest': 'sha-256=:abc:' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'BAD_USER_INPUT',
      issues: [{ path: 'content-digest' }],
    });
  });

  it('when it announces more than is accepted', async () => {
    const response = await put(Buffer.alloc(MAX_UPLOAD_BYTES + 1, 'x'));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(await stateOf(owner.caller, dataset.id)).toBe('AWAITING_UPLOAD');
  });

  it('when it turns out to be more than is accepted', async () => {
    const chunks = Array.from({ length: 9 }, () => Buffer.alloc(MAX_UPLOAD_BYTES / 8, 'x'));
    const response = await put(Readable.toWeb(Readable.from(chunks)) as ReadableStream);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(await stateOf(owner.caller, dataset.id)).toBe('AWAITING_UPLOAD');
  });
});

describe('a sender that asks before it sends', () => {
  it('is told to go on when nothing speaks against it', async () => {
    const { socket, answer } = sendRaw(
      [`Content-Length: ${TABLE_CSV.length}`, 'Expect: 100-continue', 'Connection: close'],
      '',
    );
    socket.once('data', () => socket.write(TABLE_CSV));
    const text = await answer;
    expect(text).toMatch(/^HTTP\/1.1 100 Continue/);
    expect(text).toContain('"state":"READY"');
  });

  it('is refused at once when it is too large', async () => {
    const { answer } = sendRaw(
      [`Content-Length: ${MAX_UPLOAD_BYTES + 1}`, 'Expect: 100-continue', 'Connection: close'],
      '',
    );
    expect(await answer).toMatch(/^HTTP\/1.1 413/);
  });
});

describe('a dataset that is READY', () => {
  const other = TABLE_CSV.replace('1.5', '2.5');

  it('takes no other file, however it is announced', async () => {
    expect((await put(TABLE_CSV)).status).toBe(200);
    const digest = createHash('sha256').update(other).digest('hex');
    for (const [body, headers] of [
      [other, {}],
      [`${TABLE_CSV}9,red,1\n`, {}],
      [other, { 'x-content-sha256': digest }],
    ] as const) {
      const second = await put(body, headers);
      expect(second.status).toBe(409);
      expect(await second.json()).toMatchObject({ code: 'CONFLICT' });
    }
    expect(await stateOf(owner.caller, dataset.id)).toBe('READY');
  });

  it('answers its own file as it did the first time', async () => {
    const first = (await (await put(TABLE_CSV)).json()) as object;
    const digest = createHash('sha256').update(TABLE_CSV).digest('hex');
    for (const headers of [{}, { 'x-content-sha256': digest }]) {
      const second = await put(TABLE_CSV, headers);
      expect(second.status).toBe(200);
      expect(await second.json()).toEqual(first);
    }
  });

  it('is one, whether its file is sent several times at once or one of several files', async () => {
    const same = await Promise.all([put(TABLE_CSV), put(TABLE_CSV), put(TABLE_CSV)]);
    expect(same.map(({ status }) => status)).toEqual([200, 200, 200]);
    const answers = (await Promise.all(same.map((response) => response.json()))) as object[];
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    dataset = await announceDataset(owner.caller);
    const several = await Promise.all([put(TABLE_CSV), put(other)]);
    expect(several.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('is downloaded only when it has content', async () => {
    const response = await owner.caller.http(`/downloads/datasets/${dataset.id}`);
    expect(response.status).toBe(409);
  });
});

it('an upload to a malformed id is BAD_USER_INPUT', async () => {
  const response = await owner.caller.http(`/uploads/datasets/${KIND}`, { method: 'PUT', body: TABLE_CSV });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: 'id' }] });
});
