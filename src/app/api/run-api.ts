import { type DomainDefinition } from '../../domain-kit';
import { AppError, messageOf } from '../../errors';
import { openObjectStores } from '../../platform/artifacts/open-object-stores';
import { type Config, loadConfig } from '../../platform/config/config';
import { jobBackend } from '../../platform/jobs/job-backend';
import { JobQueue } from '../../platform/jobs/job-queue';
import { Database } from '../../platform/persistence/database';
import { migrate } from '../../platform/persistence/migrate';
import { Notifications } from '../../platform/persistence/notifications';
import { onShutdown } from '../../platform/process/lifecycle';
import { createLogger, type Logger } from '../../platform/telemetry/logger';
import { Metrics } from '../../platform/telemetry/metrics';
import { serveMetrics } from '../../platform/telemetry/metrics-server';
import { openTracing } from '../../platform/telemetry/open-tracing';
import { installPlatformAdminKey } from '../../platform/tenancy/platform-admin-key';
import { type InferencePool } from '../../services/prediction/pool/inference-pool';
import { startPrediction } from '../../services/prediction/start-prediction';
import { TrainingService } from '../../services/training/training.service';
import { API_ENTITIES } from './api-entities';
import { buildApi } from './build-api';

/** Time that requests, subscriptions and connections get to end. */
const GRACE_MS = 15_000;

export interface ApiProcessOptions {
  readonly domains: readonly DomainDefinition[];
  /** Told once requests are accepted, before it is announced. */
  readonly onReady?: (running: RunningApi) => void;
}

export interface RunningApi {
  /** The GraphQL endpoint's address. */
  readonly url: string;
  /** Where predictions are computed. */
  readonly pool: InferencePool;
}

/**
 * The body of an API process: serves until it is asked to end or its parent is gone.
 *
 * It writes one line to standard output, `{"ready":true,"url":…}`, once it accepts requests. When it cannot start, it
 * writes one line that says why to standard error and exits with status 1.
 */
export async function runApi(options: ApiProcessOptions): Promise<void> {
  try {
    await run(options);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  }
}

async function run({ domains, onReady }: ApiProcessOptions): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger('api', config.logLevel);
  const opened = new Opened();
  const running = await start({ config, logger, domains }, opened).catch(async (error: unknown) => {
    await opened.close();
    throw error;
  });
  onShutdown({
    graceMs: GRACE_MS,
    stop: async (reason) => {
      logger.info({ reason }, 'ending');
      await opened.close();
    },
    onError: (error) => logger.error({ err: error }, 'could not end in order'),
  });
  const { url } = running;
  onReady?.(running);
  logger.info({ url }, 'ready');
  process.stdout.write(`${JSON.stringify({ ready: true, url })}\n`);
}

/** What is to be closed, the last opened first. */
class Opened {
  private readonly closers: (() => Promise<void>)[] = [];

  add<T extends { close(): Promise<void> }>(resource: T): T {
    this.closers.push(() => resource.close());
    return resource;
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
  }
}

interface Start {
  readonly config: Config;
  readonly logger: Logger;
  readonly domains: readonly DomainDefinition[];
}

async function start({ config, logger, domains }: Start, opened: Opened): Promise<RunningApi> {
  const { databaseUrl: ownerUrl, databaseAppUrl: applicationUrl, redisUrl } = config;
  if (ownerUrl === null) {
    throw new AppError(
      'INVALID_CONFIGURATION',
      'DATABASE_URL is not set: an API that is started by itself needs a database; `npm start` brings its own',
    );
  }
  opened.add(openTracing(config, 'propensity-api', logger));
  await migrate({ ownerUrl, applicationUrl });
  await installPlatformAdminKey(ownerUrl, config.platformAdminKey);
  const database = opened.add(
    await Database.connect({
      ownerUrl,
      applicationUrl,
      entities: API_ENTITIES,
      applicationName: 'propensity-api',
    }),
  );
  const stores = await openObjectStores(config, { database, logger });
  const databaseUrl = database.applicationUrl;
  const metrics = config.metricsPort === null ? null : new Metrics('api');
  let resync = (): void => undefined;
  const notifications = opened.add(
    new Notifications(databaseUrl, {
      onResync: () => resync(),
      onError: (error) => logger.warn({ error: messageOf(error) }, 'announcements are not heard for now'),
    }),
  );
  const queue = opened.add(new JobQueue(jobBackend({ databaseUrl, redisUrl }), 'training'));
  const prediction = opened.add(
    await startPrediction({
      database,
      notifications,
      artifacts: stores,
      threads: config.inferenceThreads,
      cacheBytes: config.inferenceCacheBytes,
      metrics,
      logger,
    }),
  );
  const api = opened.add(
    await buildApi(config, {
      database,
      stores,
      notifications,
      training: new TrainingService({ database, queue, logger }),
      prediction: prediction.service,
      domains,
      logger,
      metrics,
      inferenceThreads: () => prediction.pool.stats.threads.length,
    }),
  );
  resync = () => {
    api.resync();
    prediction.resync();
  };
  if (metrics) {
    const { host, metricsPort } = config;
    const server = opened.add(await serveMetrics(metrics, { host, port: metricsPort ?? 0 }));
    logger.info({ url: server.url }, 'metrics');
  }
  return { url: await api.listen(config), pool: prediction.pool };
}
