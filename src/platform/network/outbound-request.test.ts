import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { requestOutbound } from './outbound-request';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const get = (url: string, maxBytes?: number, timeoutMs = 10_000) =>
  requestOutbound(
    { method: 'GET', url, headers: {} },
    { targets: 'any', timeoutMs, ...(maxBytes !== undefined && { maxBytes }) },
  );

describe('requestOutbound', () => {
  it('reads a body that is small enough, and none where none is wanted', async () => {
    const url = await serve((_request, response) => response.end('12345'));
    expect(await get(url, 5)).toEqual({ status: 200, body: Buffer.from('12345') });
    expect(await get(url)).toEqual({ status: 200, body: Buffer.alloc(0) });
    await expect(get(url, 4)).rejects.toThrow('the answer is larger than 4 bytes');
  });

  it('stops reading a body that does not end', async () => {
    let sent = 0;
    const url = await serve((_request, response) => {
      const more = (): void => {
        while (response.write('x'.repeat(16_384)) && !response.destroyed) sent += 16_384;
      };
      response.on('drain', more);
      more();
    });
    await expect(get(url, 100_000)).rejects.toThrow('larger than 100000 bytes');
    expect(sent).toBeLessThan(100_000_000);
  });

  it('gives up a body that stops in the middle', async () => {
    const url = await serve((_request, response) => void response.write('{'));
    await expect(get(url, 100, 300)).rejects.toThrow('no answer came within 0.3 seconds');
  });

  it('gives a redirect as it is', async () => {
    const url = await serve((_request, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    );
    expect(await get(url, 100)).toMatchObject({ status: 302 });
  });
});
