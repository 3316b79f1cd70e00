import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { SETTINGS } from '../../src/platform/config/config';
import { startEmbeddedPostgres } from '../../src/platform/persistence/embedded-postgres';
import { migrate } from '../../src/platform/persistence/migrate';
import { type Suite } from '../suite';
import { measureCases } from './measure-cases';
import { measureTenants } from './measure-tenants';
import { help, options, readOptions } from './options';
import { type ServingResult, type TenantsResult } from './result';
import { Seed, type SeededTenant, storeHistories } from './seed';
import { BenchServer } from './server';
import { tableOf } from './table';

/** Of the part with many tenants: room for some of their models. */
const CACHE_BYTES = 64 * 2 ** 20;

interface Place {
  readonly databaseUrl: string;
  readonly dataDirectory: string;
  readonly onLog: (line: string) => void;
}

/** What an answer takes, from the socket to the model and back, and what it would take without the model. */
export const suite: Suite<ServingResult> = {
  title:
    'requests per second and latency of predictions, beside a field that predicts nothing and ONNX Runtime alone',
  options,
  help,
  async run(values, progress) {
    const options = readOptions(values);
    const dataDirectory = await mkdtemp(path.join(tmpdir(), 'propensity-serving-'));
    const postgres = await startEmbeddedPostgres({ dataDirectory });
    try {
      await migrate({ ownerUrl: postgres.ownerUrl, applicationUrl: null });
      const seed = await Seed.open(postgres.ownerUrl, dataDirectory);
      try {
        const place = { databaseUrl: postgres.ownerUrl, dataDirectory, onLog: progress };
        const tenant = await seed.tenant();
        const cases = await withServer(place, {}, async (server) => {
          await storeHistories(server.url, tenant.key);
          return measureCases(server, tenant, options, progress);
        });
        const tenants = options.tenants === 0 ? null : await many(place, seed, options.tenants, progress);
        return { ...cases, tenants, machine: describeMachine() };
      } finally {
        await seed.close();
      }
    } finally {
      await postgres.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    }
  },
  table: tableOf,
};

async function many(
  place: Place,
  seed: Seed,
  count: number,
  progress: (line: string) => void,
): Promise<TenantsResult> {
  progress(`${count} tenants with a model of ${(seed.artifactBytes / 1_024).toFixed(0)} KiB each`);
  const tenants: SeededTenant[] = [];
  while (tenants.length < count) tenants.push(await seed.tenant());
  const environment = { PROPENSITY_INFERENCE_CACHE_BYTES: String(CACHE_BYTES) };
  return withServer(place, environment, (server) => measureTenants(server, tenants, CACHE_BYTES));
}

async function withServer<T>(
  place: Place,
  environment: NodeJS.ProcessEnv,
  work: (server: BenchServer) => Promise<T>,
): Promise<T> {
  const server = await BenchServer.start({ ...place, environment });
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

function describeMachine(): ServingResult['machine'] {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    inferenceThreads: SETTINGS.inferenceThreads.fallback,
    node: process.version,
  };
}
