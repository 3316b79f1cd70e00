import { z } from 'zod';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { withTimeout } from '../../platform/jobs/with-timeout';
import { type Database } from '../../platform/persistence/database';
import { type Notifications } from '../../platform/persistence/notifications';
import { type Logger } from '../../platform/telemetry/logger';
import { type Metrics } from '../../platform/telemetry/metrics';
import { traced } from '../../platform/telemetry/tracing';
import { DOMAIN_CONFIGURED_CHANNEL } from '../domains/domains.service';
import { SubjectHistories } from '../events/subject-histories';
import { CHALLENGER_CHANNEL } from '../challengers/challenger-channel';
import { MODEL_PROMOTED_CHANNEL } from '../models/models.service';
import { Champions } from './champions';
import { findChampion } from './find-champion';
import { PredictionLog } from './log/prediction-log';
import { InferencePool } from './pool/inference-pool';
import { PredictionService } from './prediction.service';
import { warmServable } from './warm-servable';
import { Background } from './trials/background';
import { TrialCounts } from './trials/trial-counts';

export interface PredictionOptions {
  readonly database: Database;
  readonly notifications: Notifications;
  readonly artifacts: ObjectStores;
  /** Inference threads. */
  readonly threads: number;
  readonly logger: Logger;
  /** Bound on the memory of the artifacts held, in bytes. */
  readonly cacheBytes?: number;
  readonly metrics?: Metrics | null;
}

export interface RunningPrediction {
  readonly service: PredictionService;
  /** Where the answers are computed. */
  readonly pool: InferencePool;
  /** To be called when announcements may have been missed: the notifications' `onResync`. */
  resync(): void;
  /** Ends the threads; requests must have ended before. */
  close(): Promise<void>;
}

/** When so many rows wait for the threads, nothing is scored for comparison. */
const BUSY_ROWS = 256;
/** What the last comparisons may take when the process ends. */
const LAST_COUNTS_MS = 5_000;

const announcement = z.object({ tenantId: z.string(), kind: z.string() });

/** Brings up serving: threads, champions, and the announcements that change them. */
export async function startPrediction(options: PredictionOptions): Promise<RunningPrediction> {
  const { database, notifications, artifacts, threads, logger, cacheBytes, metrics } = options;
  const pool = new InferencePool({
    threads,
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
    ...(metrics && { onBatch: (batch) => metrics.batch(batch) }),
    read: ({ tenantId, sha256 }) => artifacts.forTenant(tenantId).get(sha256),
    onThreadLost: (error) => {
      logger.error({ err: error }, 'an inference thread was lost and is replaced');
    },
  });
  metrics?.watchPool(() => pool.stats);
  const champions = new Champions({
    find: (tenantId, kind) => findChampion(database, tenantId, kind),
    // A request that comes first waits for this.
    prepare: (next, previous) =>
      traced('model.warm', { 'propensity.artifact': next.artifact.sha256 }, () =>
        warmServable(pool, next, {
          previous,
          onExplainerError: (error) => {
            logger.error(
              { err: error, version: next.version.id },
              'the reasons of a version could not be made ready',
            );
          },
        }),
      ),
    onError: (error, tenantId, kind) => {
      logger.error({ err: error, tenantId, kind }, 'the newest promotion could not be taken up');
    },
  });
  const onTrialError = (error: unknown): void => {
    logger.warn({ err: error }, 'something of a challenger could not be compared');
  };
  const background = new Background({
    isBusy: () => pool.stats.queuedRows > BUSY_ROWS,
    onError: onTrialError,
  });
  const counts = new TrialCounts(database, onTrialError);
  const onAnnouncement = (payload: unknown): void => {
    const { data } = announcement.safeParse(payload);
    if (data) champions.announce(data.tenantId, data.kind);
  };
  const channels = [MODEL_PROMOTED_CHANNEL, CHALLENGER_CHANNEL, DOMAIN_CONFIGURED_CHANNEL];
  const listening = Promise.all(channels.map((channel) => notifications.listen(channel, onAnnouncement)));
  const unlisten = await listening.catch(async (error: unknown) => {
    await pool.close();
    throw error;
  });
  return {
    service: new PredictionService({
      champions,
      pool,
      histories: new SubjectHistories(database),
      log: new PredictionLog(database),
      onUnrecorded: (error, tenantId, kind) => {
        logger.error({ err: error, tenantId, kind }, 'predictions that were to be recorded were not');
      },
      trials: { background, counts },
    }),
    pool,
    resync: () => {
      champions.distrust();
    },
    close: async () => {
      await Promise.all(unlisten.map((stop) => stop()));
      // What is compared is worth a moment, but not that the process hangs.
      await withTimeout(
        background.idle().then(() => counts.flush()),
        LAST_COUNTS_MS,
      ).catch(onTrialError);
      await pool.close();
    },
  };
}
