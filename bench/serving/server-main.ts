/** The API process as it is, with one more query that predicts nothing, and asked over IPC for what HTTP does not tell. */
import 'reflect-metadata';
import { runApi, type RunningApi } from '../../src/app/api/run-api';
import { discoverDomains } from '../../src/app/discover-domains';
import { rawLoad } from './raw-load';
import { type ServerRequest, serverRequest, type UsageAnswer } from './server-messages';
import { StubResolver } from './stub-resolver';

const domains = discoverDomains().map((domain) =>
  domain.kind === 'ECOMMERCE_PURCHASE'
    ? { ...domain, resolvers: [...domain.resolvers, StubResolver] }
    : domain,
);

function usageOf({ pool }: RunningApi): UsageAnswer {
  const { user, system } = process.cpuUsage();
  const { threads, loads, batches, rows } = pool.stats;
  return {
    rssBytes: process.memoryUsage().rss,
    cpuMs: (user + system) / 1_000,
    cachedBytes: threads.reduce((sum, { bytes }) => sum + bytes, 0),
    loads,
    batches,
    rows,
  };
}

function answer(running: RunningApi, request: ServerRequest): Promise<object> | object {
  return request.type === 'raw' ? rawLoad(running.pool, request) : usageOf(running);
}

void runApi({
  domains,
  onReady: (running) => {
    process.on('message', (message) => {
      void Promise.resolve(answer(running, serverRequest.parse(message))).then((reply) =>
        process.send?.(reply),
      );
    });
  },
});
