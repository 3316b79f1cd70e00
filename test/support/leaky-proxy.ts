import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

/** Passes everything on to an API, but one field with the key of the tenant that was made first: as if it forgot whose it is. */
export class LeakyProxy {
  private readonly server: Server;
  private ownerKey: string | null = null;

  constructor(
    private readonly target: string,
    private readonly field: string,
  ) {
    this.server = createServer((request, response) => {
      void this.pass(request).then(async (answer) => {
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/graphql`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async pass(request: IncomingMessage): Promise<Response> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const forgets = new RegExp(`\\{ ${this.field}\\b`).test(body);
    const authorization =
      forgets && this.ownerKey !== null ? `Bearer ${this.ownerKey}` : request.headers.authorization;
    const answer = await fetch(new URL(request.url ?? '', this.target), {
      method: request.method ?? 'GET',
      headers: {
        ...(authorization !== undefined && { authorization }),
        'content-type': request.headers['content-type'] ?? 'application/json',
      },
      ...(request.method !== 'GET' && { body }),
    });
    if (body.includes('createTenant(') && this.ownerKey === null)
      this.ownerKey = /pk_[\w-]{43}/.exec(await answer.clone().text())?.[0] ?? null;
    return answer;
  }
}
