import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { AppError, messageOf } from '../../errors';
import { type Metrics } from './metrics';
import { type Checks, readiness } from './readiness';

export interface MetricsAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Of a process that has no other port: what is told at `/health/ready`, beside `/health/live`. */
  readonly checks?: Checks;
}

const HEALTH = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * `GET /metrics` in Prometheus's text form, on a port of its own, so that whoever reaches the API does not reach it.
 * @throws AppError INVALID_CONFIGURATION when it cannot listen there
 */
export async function serveMetrics(
  metrics: Metrics,
  { host, port, checks }: MetricsAddress,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  });
  const answer = async ({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = method === 'GET' ? url?.split('?')[0] : undefined;
    if (path === '/metrics') {
      const text = await metrics.registry.metrics();
      response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text);
    } else if (checks && path === '/health/live') {
      response.writeHead(200, HEALTH).end(JSON.stringify({ status: 'up' }));
    } else if (checks && path === '/health/ready') {
      const { isReady, body } = await readiness(checks);
      response.writeHead(isReady ? 200 : 503, HEALTH).end(JSON.stringify(body));
    } else response.writeHead(404).end();
  };
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw new AppError(
      'INVALID_CONFIGURATION',
      `PROPENSITY_METRICS_PORT ${port} cannot be listened on: ${messageOf(error)}`,
      [],
      { cause: error },
    );
  }
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await Promise.resolve();
    },
  };
}
