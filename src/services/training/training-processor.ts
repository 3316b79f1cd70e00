import { availableParallelism, constants, setPriority } from 'node:os';
import { z } from 'zod';
import { AppError } from '../../errors';
import { openObjectStores } from '../../platform/artifacts/open-object-stores';
import { type Config, loadConfig } from '../../platform/config/config';
import { retryWithBackoff } from '../../platform/jobs/backoff';
import { withTimeout } from '../../platform/jobs/with-timeout';
import { Database } from '../../platform/persistence/database';
import { createLogger } from '../../platform/telemetry/logger';
import { openTracing } from '../../platform/telemetry/open-tracing';
import { remoteSpan } from '../../platform/telemetry/tracing';
import { Job } from '../jobs/job.entity';
import { BatchScoring } from '../scoring/batch-scoring.entity';
import { executeScoring, type ExecuteScoringOptions } from '../scoring/execute-scoring';
import { executeRun } from './execute-run';
import { executeTrial } from './execute-trial';
import { PhaseTrace } from './phase-trace';
import { abortMessage } from './run-child';
import { isOutage } from './run-journal';
import { RunLease } from './run-lease';
import { TRAINING_ENTITIES } from './training-entities';
import { type TrainingPipeline, type TrialPipeline } from './training-pipeline';
import { TrainingRun } from './training-run.entity';

const PROGRESS_INTERVAL_MS = 250;
const CONNECT_MS = 30_000;
const RETRY = { firstDelayMs: 100, longestDelayMs: 2_000 };

const commandLine = z.tuple([
  z.uuid(),
  z.uuid(),
  z.string().min(1),
  z.string().min(1),
  z.string().optional(),
]);

/** What trains. */
export interface Pipelines {
  readonly pipeline: TrainingPipeline;
  /** Of the trials of studies. */
  readonly trials: TrialPipeline;
}

/**
 * The body of a process that executes one job on behalf of a worker and ends with it.
 *
 * It runs at a lower priority than its siblings: on a machine that also serves, predictions come first.
 */
export async function runTrainingProcess(
  pipelinesOf: (config: Config) => Pipelines,
  scoring: Pick<ExecuteScoringOptions, 'partRows'> = {},
): Promise<void> {
  const signal = leaveOffWhenAsked();
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const [tenantId, runId, owner, workDirectory, traceparent] = commandLine.parse(process.argv.slice(2));
  const config = loadConfig(process.env);
  const log = createLogger('training', config.logLevel).child({ tenantId, runId });
  const tracing = openTracing(config, 'propensity-training', log);
  const span = remoteSpan(traceparent);
  const logger = span ? log.child({ traceId: span.traceId }) : log;
  try {
    const database = await retryWithBackoff(() => withTimeout(connect(config), CONNECT_MS), isOutage, {
      ...RETRY,
      signal,
    });
    const execution = {
      database,
      objects: await openObjectStores(config, { database, logger, executesOneJob: true }),
      lease: new RunLease(database, { tenantId, runId, owner }),
      workDirectory,
      signal,
      progressIntervalMs: PROGRESS_INTERVAL_MS,
      trace: new PhaseTrace(span),
    };
    const job = await database.inTenant(tenantId, (scope) => scope.repository(Job).getOrThrow(runId));
    if (job instanceof BatchScoring)
      await executeScoring({ ...execution, ...scoring, threads: threadsOf(config) });
    else if (job instanceof TrainingRun && job.trial !== null)
      await executeTrial({ ...execution, trials: pipelinesOf(config).trials });
    else await executeRun({ ...execution, pipeline: pipelinesOf(config).pipeline });
    await database.close();
  } catch (error) {
    if (!signal.aborted) logger.error({ err: error }, 'the run could not be executed');
    process.exitCode = 1;
  }
  await tracing.close();
  process.exit();
}

/** This process's share of the machine's cores. */
function threadsOf({ trainingConcurrency }: Config): number {
  return Math.max(1, Math.floor(availableParallelism() / trainingConcurrency));
}

/** Aborted when the worker asks this process to leave off. Without a worker there is nothing to go on for. */
function leaveOffWhenAsked(): AbortSignal {
  const asked = new AbortController();
  process.on('message', (message) => {
    const parsed = abortMessage.safeParse(message);
    if (parsed.success) asked.abort(new Error(`the run is to leave off: ${parsed.data.abort}`));
  });
  process.on('SIGTERM', () => asked.abort(new Error('the run is to leave off: SIGTERM')));
  // Ctrl-C reaches the whole group of processes: what becomes of the run is the worker's to say.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(1));
  if (!process.connected) process.exit(1);
  return asked.signal;
}

async function connect({ databaseUrl, databaseAppUrl }: Config): Promise<Database> {
  if (databaseUrl === null) throw new AppError('INVALID_CONFIGURATION', 'DATABASE_URL is not set');
  return Database.connect({
    ownerUrl: databaseUrl,
    applicationUrl: databaseAppUrl,
    entities: TRAINING_ENTITIES,
    poolSize: 4,
    applicationName: 'propensity-training',
  });
}
