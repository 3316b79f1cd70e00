import { type Logger } from 'pino';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { jobBackend } from '../../platform/jobs/job-backend';
import { JobQueue } from '../../platform/jobs/job-queue';
import { type Database } from '../../platform/persistence/database';
import { EventSnapshotsService } from '../events/event-snapshots.service';
import { EvaluationsService } from '../models/evaluations.service';
import { ModelsService } from '../models/models.service';
import { TrainingService } from '../training/training.service';
import { ConfiguredDomains } from './configured-domains';
import { ScheduleWorker } from './schedule-worker';

export interface SchedulesOptions {
  readonly database: Database;
  readonly objects: ObjectStores;
  readonly redisUrl: string | null;
  readonly logger: Logger;
}

/** Keeps the schedules in a worker process, with what that takes, until it is closed. */
export function startSchedules({ database, objects, redisUrl, logger }: SchedulesOptions): {
  close(): Promise<void>;
} {
  const backend = jobBackend({ databaseUrl: database.applicationUrl, redisUrl });
  const queue = new JobQueue(backend, 'training');
  const worker = new ScheduleWorker({
    database,
    logger,
    snapshots: new EventSnapshotsService(database, new ConfiguredDomains(database)),
    training: new TrainingService({ database, queue, logger }),
    models: new ModelsService(database, objects),
    evaluations: new EvaluationsService(database, objects),
  });
  worker.start();
  return {
    async close() {
      await worker.close();
      await queue.close();
    },
  };
}
