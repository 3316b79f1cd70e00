import { significant } from '../statistics';
import { httpLoad } from './http-load';
import { quantile } from './measure-cases';
import { EXPECTED, singleBodies } from './requests';
import { type TenantsResult } from './result';
import { type SeededTenant } from './seed';
import { type BenchServer } from './server';
import { usageAnswer } from './server-messages';

const MIB = 2 ** 20;
/** Requests of a tenant, one after the other; the first finds nothing loaded. */
const REQUESTS = 3;

/** Every tenant asks in turn, and then every tenant again: with less room than models, each time from the disk. */
export async function measureTenants(
  server: BenchServer,
  tenants: readonly SeededTenant[],
  cacheLimitBytes: number,
): Promise<TenantsResult> {
  const bodies = singleBodies().slice(0, REQUESTS);
  const usage = () => server.ask({ type: 'usage' }, usageAnswer);
  const idle = await usage();
  const cold: number[] = [];
  const warm: number[] = [];
  let peakBytes = 0;
  let cachedBytes = 0;
  let errors = 0;
  for (let pass = 0; pass < 2; pass++) {
    for (const { key } of tenants) {
      const load = await httpLoad({
        url: server.url,
        key,
        bodies,
        expected: EXPECTED,
        connections: 1,
        requests: REQUESTS,
      });
      const [first = NaN, ...rest] = load.latenciesMs;
      cold.push(first);
      warm.push(...rest);
      errors += load.errors;
      const now = await usage();
      peakBytes = Math.max(peakBytes, now.rssBytes);
      cachedBytes = Math.max(cachedBytes, now.cachedBytes);
    }
  }
  return {
    tenants: tenants.length,
    cacheLimitMb: significant(cacheLimitBytes / MIB),
    coldP50Ms: significant(quantile(cold, 0.5), 3),
    coldP99Ms: significant(quantile(cold, 0.99), 3),
    warmP50Ms: significant(quantile(warm, 0.5), 3),
    idleMb: significant(idle.rssBytes / MIB),
    peakMb: significant(peakBytes / MIB),
    cachedMb: significant(cachedBytes / MIB),
    loads: (await usage()).loads,
    errors,
  };
}
