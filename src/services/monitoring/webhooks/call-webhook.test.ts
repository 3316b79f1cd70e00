import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { callWebhook } from './call-webhook';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server on the loopback address; its port, and the paths that were asked for. */
async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, asked };
}

const call = (url: string) => ({ url, body: '{}', headers: { 'content-type': 'application/json' } });
const anywhere = { targets: 'any', timeoutMs: 5_000 } as const;

describe('callWebhook', () => {
  it('posts what it is given, and does not wait for the answer’s body', async () => {
    let received = '';
    const { port } = await serve((request, response) => {
      request.on('data', (chunk) => (received += String(chunk)));
      request.on('end', () => {
        response.writeHead(202);
        // The body never ends.
        response.write('x');
      });
    });
    const url = `http://127.0.0.1:${port}/in`;
    expect(await callWebhook({ ...call(url), body: '{"a":1}' }, anywhere)).toEqual({
      status: 202,
      error: null,
    });
    expect(received).toBe('{"a":1}');
  });

  it('says what an answer other than yes was', async () => {
    const { port } = await serve((_request, response) => response.writeHead(500).end());
    expect(await callWebhook(call(`http://127.0.0.1:${port}/`), anywhere)).toEqual({
      status: 500,
      error: 'it answered 500',
    });
  });

  it('follows no redirect', async () => {
    const inside = await serve((_request, response) => response.end('secret'));
    const { port } = await serve((_request, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${inside.port}/metadata` }).end(),
    );
    const outcome = await callWebhook(call(`http://127.0.0.1:${port}/`), anywhere);
    expect(outcome).toMatchObject({ status: 307, error: expect.stringContaining('not followed') as string });
    expect(inside.asked).toEqual([]);
  });

  it('gives up one that hangs', async () => {
    const { port, asked } = await serve(() => undefined);
    const outcome = await callWebhook(call(`http://127.0.0.1:${port}/`), { targets: 'any', timeoutMs: 300 });
    expect(asked).toHaveLength(1);
    expect(outcome).toEqual({ status: null, error: 'no answer came within 0.3 seconds' });
  });

  it('gives up where nobody listens', async () => {
    const outcome = await callWebhook(call('http://127.0.0.1:1/'), anywhere);
    expect(outcome.status).toBeNull();
    expect(outcome.error).toMatch(/ECONNREFUSED|bad port/);
  });

  it('goes nowhere that is not of the public internet, whatever leads there', async () => {
    const { port, asked } = await serve((_request, response) => response.end());
    const safely = { targets: 'public', timeoutMs: 5_000 } as const;
    for (const host of ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0'])
      expect(await callWebhook(call(`https://${host}:${port}/`), safely)).toMatchObject({ status: null });
    const resolveAll = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    expect(await callWebhook(call(`https://inside.example:${port}/`), { ...safely, resolveAll })).toEqual({
      status: null,
      error: 'the name inside.example leads to an address that is not of the public internet',
    });
    // One of several is enough.
    const both = () =>
      Promise.resolve([
        { address: '93.184.216.34', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ]);
    expect(
      await callWebhook(call(`https://both.example:${port}/`), { ...safely, resolveAll: both }),
    ).toMatchObject({
      error: expect.stringContaining('not of the public internet') as string,
    });
    expect(await callWebhook(call('https://localhost/'), safely)).toMatchObject({ status: null });
    expect(asked).toEqual([]);
  });

  it('asks for a name once, and connects to what was judged: what it leads to next does not matter', async () => {
    const { port, asked } = await serve((_request, response) => response.end());
    let lookups = 0;
    // From the second answer on, the name leads to where nobody listens.
    const resolveAll = () =>
      Promise.resolve([{ address: lookups++ === 0 ? '127.0.0.1' : '0.0.0.1', family: 4 }]);
    const url = `http://rebinding.example:${port}/`;
    expect(await callWebhook(call(url), { ...anywhere, resolveAll })).toEqual({ status: 200, error: null });
    expect(lookups).toBe(1);
    expect(asked).toEqual(['/']);
    // And the other way round: what was judged to be inside is not asked for again, in the hope of better.
    const safely = { targets: 'public', timeoutMs: 5_000 } as const;
    let asks = 0;
    const first = () =>
      Promise.resolve([{ address: asks++ === 0 ? '127.0.0.1' : '93.184.216.34', family: 4 }]);
    const refused = await callWebhook(call(url.replace('http:', 'https:')), { ...safely, resolveAll: first });
    expect(refused.error).toContain('not of the public internet');
    expect(asks).toBe(1);
  });
});
