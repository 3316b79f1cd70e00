import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../../src/platform/persistence/embedded-postgres';
import { migrate } from '../../src/platform/persistence/migrate';
import { redisProgram, startRedis } from '../../test/support/redis';
import { significant } from '../statistics';
import { type Suite } from '../suite';
import { measureFairness, measureThroughput } from './measure';
import { help, options, type QueueOptions, readOptions } from './options';

interface BackendResult {
  readonly backend: 'postgres' | 'redis';
  readonly jobsPerSecond: number;
  readonly pickupP50Ms: number;
}

interface QueueResult {
  readonly results: readonly BackendResult[];
  /** The worst of the backends. */
  readonly fairness: { readonly delayInJobLengths: number };
}

/** How fast runs are taken up, and how long a tenant with one waits for a tenant with many. */
export const suite: Suite<QueueResult> = {
  title: 'jobs per second and pick-up with stub jobs, and the delay that one tenant with many causes another',
  options,
  help,
  async run(values, progress) {
    const options = readOptions(values);
    const folder = await mkdtemp(path.join(tmpdir(), 'propensity-bench-'));
    const postgres = await startEmbeddedPostgres({ dataDirectory: folder });
    try {
      await migrate(postgres.ownerUrl);
      const measured = [await measureBackend(postgres.ownerUrl, null, options, progress)];
      const program = redisProgram();
      if (program === null) progress('redis: skipped, there is no redis-server');
      else {
        const redis = await startRedis(program);
        try {
          measured.push(await measureBackend(postgres.ownerUrl, redis.url, options, progress));
        } finally {
          await redis.stop();
        }
      }
      return {
        results: measured.map(({ result }) => result),
        fairness: { delayInJobLengths: Math.max(...measured.map(({ delay }) => delay)) },
      };
    } finally {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
  table({ results, fairness }) {
    const header = ['backend', 'jobs/s', 'pick-up ms'];
    const rows = results.map((result) => [result.backend, result.jobsPerSecond, result.pickupP50Ms]);
    const table = [header, ...rows].map((row) => row.map((cell) => String(cell).padStart(11)).join(''));
    return [...table, `a single job waits for ${fairness.delayInJobLengths} job lengths at most`].join('\n');
  },
};

async function measureBackend(
  ownerUrl: string,
  redisUrl: string | null,
  { jobs, concurrency, probes, waiting, jobMs }: QueueOptions,
  progress: (line: string) => void,
): Promise<{ result: BackendResult; delay: number }> {
  const backend = redisUrl === null ? 'postgres' : 'redis';
  const place = { ownerUrl, redisUrl };
  progress(`${backend}: ${jobs} jobs, ${concurrency} at a time`);
  const { jobsPerSecond, pickupP50Ms } = await measureThroughput(place, { jobs, concurrency, probes });
  progress(`${backend}: a tenant with ${waiting} jobs of ${jobMs} ms, and another with one`);
  const { delayInJobLengths } = await measureFairness(place, { waiting, jobMs, probes });
  return {
    result: { backend, jobsPerSecond: significant(jobsPerSecond), pickupP50Ms: significant(pickupP50Ms) },
    delay: significant(delayInJobLengths, 3),
  };
}
