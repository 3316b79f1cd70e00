import { type Logger } from 'pino';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { jobBackend } from '../../platform/jobs/job-backend';
import { JobQueue } from '../../platform/jobs/job-queue';
import { JobWorker } from '../../platform/jobs/job-worker';
import { type Database } from '../../platform/persistence/database';
import { type Metrics } from '../../platform/telemetry/metrics';
import { ending, isTracing, remoteSpan, startSpan } from '../../platform/telemetry/tracing';
import { ScoringParts } from '../scoring/scoring-parts';
import { type WorkerDevice } from '../workers/worker-devices';
import { WorkerPresence } from '../workers/worker-presence';
import { Checkpoints } from './checkpoints';
import { Reconciler } from './reconciler';
import { RunExecutor } from './run-executor';
import { RunTaker } from './run-taker';
import { RunTurns } from './run-turns';
import { SelfStarter } from './self-starter';
import { DEFAULT_TIMINGS, type RunTimings } from './timings';
import { removeAbandonedWork } from './work-directory';

export interface TrainingWorkerOptions {
  readonly database: Database;
  readonly objects: ObjectStores;
  readonly redisUrl: string | null;
  readonly dataDirectory: string;
  /** Runs that are executed side by side. */
  readonly concurrency: number;
  /** What it is called; null: after its id. */
  readonly name: string | null;
  /** What it trains on. */
  readonly devices: readonly WorkerDevice[];
  /** The entry file of the process that executes a run. */
  readonly processorFile: string;
  readonly logger: Logger;
  readonly timings?: RunTimings;
  readonly metrics?: Metrics | null;
}

export interface TrainingWorker {
  /** Whether the queue answers. @throws AppError UNAVAILABLE */
  isQueueReachable(): Promise<boolean>;
  /**
   * Takes no more runs, lets those that are executed save their checkpoints, and puts them back in the queue, so
   * that another worker goes on with them at once. The database stays open: it is the caller's.
   */
  close(): Promise<void>;
}

/**
 * Executes training runs until it is closed.
 * @throws AppError UNAVAILABLE when the queue does not answer, or the data folder cannot be written
 */
export async function startTrainingWorker(options: TrainingWorkerOptions): Promise<TrainingWorker> {
  const { database, dataDirectory, concurrency, processorFile, logger } = options;
  const timings = options.timings ?? DEFAULT_TIMINGS;
  const backend = jobBackend({ databaseUrl: database.applicationUrl, redisUrl: options.redisUrl });
  const queue = new JobQueue(backend, 'training');
  const checkpoints = new Checkpoints(options.objects);
  const parts = new ScoringParts(options.objects);
  const executor = new RunExecutor({
    ...{ database, queue, dataDirectory, processorFile, timings, checkpoints, parts },
  });
  const presence = new WorkerPresence({
    database,
    name: options.name,
    devices: options.devices,
    concurrency,
    logger,
  });
  const turns = new RunTurns(database, presence.id);
  const taker = new RunTaker({
    turns,
    leaseMs: timings.leaseMs,
    concurrency,
    execute: async (run, context) => {
      const execute = () => executor.execute(run, context);
      const { metrics } = options;
      if (!metrics && !isTracing()) return execute();
      const { type, traceparent } = await turns.describe(run);
      const span = startSpan(`job ${type}`, {
        kind: 'consumer',
        parent: remoteSpan(traceparent),
        attributes: {
          'propensity.job.id': run.runId,
          'propensity.job.type': type,
          'propensity.job.attempt': run.attempt,
          'propensity.request.id': run.requestId,
          'propensity.tenant.id': run.tenantId,
        },
      });
      return ending(span, () => (metrics ? metrics.job(type, execute) : execute()));
    },
  });
  await removeAbandonedWork(dataDirectory);
  await presence.start();
  const worker = await JobWorker.start({
    backend,
    name: 'training',
    handler: async (payload, context) => {
      // A run that was cancelled while it waited to go on has left its checkpoint.
      if (payload.attempt > 1) await executor.discardIfEnded(payload);
      await taker.work(context);
    },
    logger,
    concurrency,
  });
  const starter = new SelfStarter(taker, logger);
  const reconciler = new Reconciler({ database, queue, turns, timings, logger, call: () => starter.call() });
  reconciler.start();
  return {
    async isQueueReachable() {
      await queue.waiting();
      return true;
    },
    async close() {
      await presence.leave();
      await reconciler.close();
      await Promise.all([worker.close(), starter.close()]);
      await presence.close();
      await queue.close();
    },
  };
}
