import { AppError, messageOf } from '../../errors';
import { openObjectStores } from '../../platform/artifacts/open-object-stores';
import { loadConfig } from '../../platform/config/config';
import { MasterKeys } from '../../platform/encryption/master-keys';
import { TenantKeys } from '../../platform/encryption/tenant-keys';
import { Database } from '../../platform/persistence/database';
import { migrate } from '../../platform/persistence/migrate';
import { SchemaState } from '../../platform/persistence/schema-state';
import { onShutdown } from '../../platform/process/lifecycle';
import { createLogger } from '../../platform/telemetry/logger';
import { Metrics } from '../../platform/telemetry/metrics';
import { serveMetrics } from '../../platform/telemetry/metrics-server';
import { openTracing } from '../../platform/telemetry/open-tracing';
import { ChallengerWatch } from '../challengers/challenger-watch';
import { UNPACKED_FACTOR } from '../datasets/datasets.service';
import { EventSnapshot } from '../events/event-snapshot.entity';
import { IndexWorker } from '../events/keys/index-worker';
import { SnapshotWorker } from '../events/snapshot-worker';
import { DriftService } from '../monitoring/drift.service';
import { MonitorWorker } from '../monitoring/monitor-worker';
import { MONITORING_ENTITIES } from '../monitoring/monitoring-entities';
import { WebhookWorker } from '../monitoring/webhooks/webhook-worker';
import { Promotion } from '../models/promotion.entity';
import { StudyWorker } from '../studies/study-worker';
import { SCHEDULE_ENTITIES } from '../schedules/schedule-entities';
import { startSchedules } from '../schedules/start-schedules';
import { DatasetProfileRecord } from '../datasets/dataset-profile.entity';
import { SharedPrivacyKeys } from '../../platform/privacy/shared-privacy-keys';
import { SubjectRequest } from '../privacy/subject-request.entity';
import { SubjectRequestWorker } from '../privacy/subject-request-worker';
import { PurgeWorker } from '../prediction/log/purge-worker';
import { RetentionWorker } from '../retention/retention-worker';
import { OutcomeWorker } from '../prediction/outcomes/outcome-worker';
import { workerDevices } from '../workers/worker-devices';
import { DEFAULT_TIMINGS, type RunTimings } from './timings';
import { TRAINING_ENTITIES } from './training-entities';
import { TrainingService } from './training.service';
import { startTrainingWorker, type TrainingWorker } from './training-worker';

export interface WorkerProcessOptions {
  /** The entry file of the process that executes a run. */
  readonly processorFile: string;
  readonly timings?: RunTimings;
}

/** A run without a job is found by the reconciler of any worker. */
const leftToReconciler = { add: () => Promise.resolve() };

/** What closing connections may take after the executions have left off. */
const CLOSING_MS = 5_000;

/**
 * The body of a worker process: works until it is asked to end or its parent is gone.
 *
 * It writes one line to standard output, `{"ready":true}`, once it takes runs. When it cannot start, it writes one
 * line that says why to standard error and exits with status 1.
 */
export async function runWorkerProcess(options: WorkerProcessOptions): Promise<void> {
  try {
    await start(options);
  } catch (error) {
    process.stderr.write(`${messageOf(error).replaceAll('\n', '; ')}\n`);
    process.exit(1);
  }
  process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
}

async function start({ processorFile, timings = DEFAULT_TIMINGS }: WorkerProcessOptions): Promise<void> {
  const config = loadConfig(process.env);
  const { databaseUrl, databaseAppUrl, dataDirectory, redisUrl, trainingConcurrency } = config;
  if (databaseUrl === null) {
    throw new AppError(
      'INVALID_CONFIGURATION',
      'DATABASE_URL is not set: a worker that is started by itself needs the database that the API uses',
    );
  }
  const logger = createLogger('worker', config.logLevel);
  const tracing = openTracing(config, 'propensity-worker', logger);
  await migrate({ ownerUrl: databaseUrl, applicationUrl: databaseAppUrl });
  const database = await Database.connect({
    ownerUrl: databaseUrl,
    applicationUrl: databaseAppUrl,
    entities: [
      ...TRAINING_ENTITIES,
      ...MONITORING_ENTITIES,
      ...SCHEDULE_ENTITIES,
      EventSnapshot,
      DatasetProfileRecord,
      Promotion,
      SubjectRequest,
    ],
    // For the runs and their reconciler; for a snapshot that is read, its lease, and the look for the next; for indexes; for the purge; for retention; for outcomes; for the monitoring; for the webhooks; for challengers; for the schedules; for the studies.
    // For a subject's request, its lease, and the look for the next.
    poolSize: trainingConcurrency + 19,
    applicationName: 'propensity-worker',
  });
  const objects = await openObjectStores(config, { database, logger });
  const metrics = config.metricsPort === null ? null : new Metrics('worker');
  const schema = new SchemaState(database);
  let worker: TrainingWorker | null = null;
  let isEnding = false;
  const metricsServer =
    metrics &&
    (await serveMetrics(metrics, {
      host: config.host,
      port: config.metricsPort ?? 0,
      checks: {
        accepting: () => worker !== null && !isEnding,
        database: () => schema.isReachable(),
        tables: () => schema.isCurrent(),
        queue: async () => (await worker?.isQueueReachable()) ?? false,
      },
    }));
  if (metricsServer) logger.info({ url: metricsServer.url }, 'metrics');
  const training = (worker = await startTrainingWorker({
    database,
    objects,
    redisUrl,
    dataDirectory,
    concurrency: trainingConcurrency,
    name: config.workerName,
    devices: await workerDevices(config),
    processorFile,
    logger,
    timings,
    metrics,
  }));
  const snapshots = new SnapshotWorker({
    database,
    objects,
    dataDirectory,
    maxBytes: UNPACKED_FACTOR * config.maxUploadBytes,
    logger,
    metrics,
  });
  snapshots.start();
  const indexes = new IndexWorker({ database, logger, metrics });
  indexes.start();
  const purge = new PurgeWorker({ database, logger, metrics });
  purge.start();
  const retention = new RetentionWorker({ database, objects, logger, metrics });
  retention.start();
  const outcomes = new OutcomeWorker({ database, logger, metrics });
  outcomes.start();
  const monitor = new MonitorWorker({
    ...{ database, objects, logger, metrics },
    drifts: new DriftService(database, objects),
  });
  monitor.start();
  const webhooks = new WebhookWorker({
    ...{ database, logger, metrics },
    keys: new TenantKeys(new MasterKeys(config)),
    targets: config.webhookTargets,
  });
  webhooks.start();
  const challengers = new ChallengerWatch({ database, logger, metrics });
  challengers.start();
  const studies = new StudyWorker({ database, logger });
  studies.start();
  const schedules = startSchedules({ database, objects, redisUrl, logger });
  const subjectRequests = new SubjectRequestWorker({
    database,
    objects,
    keys: new SharedPrivacyKeys(config),
    training: new TrainingService({ database, queue: leftToReconciler, logger }),
    dataDirectory,
    logger,
  });
  subjectRequests.start();
  onShutdown({
    graceMs: timings.drainGraceMs + CLOSING_MS,
    stop: async (reason) => {
      isEnding = true;
      logger.info({ reason }, 'leaving off');
      await Promise.all([
        training.close(),
        snapshots.close(),
        indexes.close(),
        purge.close(),
        retention.close(),
        outcomes.close(),
        monitor.close(),
        webhooks.close(),
        challengers.close(),
        studies.close(),
        schedules.close(),
        subjectRequests.close(),
      ]);
      await database.close();
      await metricsServer?.close();
      await tracing.close();
    },
    onError: (error) => logger.error({ error: messageOf(error) }, 'could not end in order'),
  });
}
