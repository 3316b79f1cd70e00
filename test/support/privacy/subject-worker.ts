import path from 'node:path';
import { type ObjectStores } from '../../../src/platform/artifacts/object-store';
import { type JobQueue } from '../../../src/platform/jobs/job-queue';
import { SharedPrivacyKeys } from '../../../src/platform/privacy/shared-privacy-keys';
import { type Logger } from '../../../src/platform/telemetry/logger';
import { SubjectRequestWorker } from '../../../src/services/privacy/subject-request-worker';
import { TrainingService } from '../../../src/services/training/training.service';
import { type TestApi } from '../api/test-api';
import { silentLogger } from '../training/training-harness';

/** A worker that does what waits when it is told to. */
export function subjectWorker(
  { database, stores, uploads }: TestApi,
  options: { objects?: ObjectStores; leaseMs?: number; patienceMs?: number; logger?: Logger } = {},
): SubjectRequestWorker {
  const dataDirectory = path.dirname(uploads);
  const queue = { add: () => Promise.resolve() } as unknown as JobQueue<'training'>;
  return new SubjectRequestWorker({
    database,
    objects: stores,
    keys: new SharedPrivacyKeys({ privacyKeyFile: null, dataDirectory }),
    training: new TrainingService({ database, queue, logger: silentLogger }),
    dataDirectory,
    logger: silentLogger,
    patienceMs: 0,
    ...options,
  });
}
