import { runMigrations } from 'bullmq';
import { type Client } from 'pg';
import { DataSource } from 'typeorm';
import { AppError } from '../../errors';
import { grantAccess } from './access';
import { ensureApplicationRole } from './application-role';
import { applicationUrlOf, type DatabaseAddress } from './connection-url';
import { Initial1700000000000 } from './migrations/1700000000000-initial';
import { RowLevelSecurity1700000000001 } from './migrations/1700000000001-row-level-security';
import { Jobs1700000001000 } from './migrations/1700000001000-jobs';
import { DatasetFormats1700000003000 } from './migrations/1700000003000-dataset-formats';
import { DatasetProfiles1700000004000 } from './migrations/1700000004000-dataset-profiles';
import { DatasetMappings1700000014000 } from './migrations/1700000014000-dataset-mappings';
import { DatasetCleaning1700000014001 } from './migrations/1700000014001-dataset-cleaning';
import { RunPreparation1700000015000 } from './migrations/1700000015000-run-preparation';
import { Events1700000016000 } from './migrations/1700000016000-events';
import { EventSnapshots1700000016001 } from './migrations/1700000016001-event-snapshots';
import { FairTrainingQueue1700000022000 } from './migrations/1700000022000-fair-training-queue';
import { RateWindows1700000021000 } from './migrations/1700000021000-rate-windows';
import { AuditLog1700000023000 } from './migrations/1700000023000-audit-log';
import { ApiKeyRotation1700000023001 } from './migrations/1700000023001-api-key-rotation';
import { ApiKeyOperations1700000023002 } from './migrations/1700000023002-api-key-operations';
import { DatasetEntities1700000024000 } from './migrations/1700000024000-dataset-entities';
import { Predictions1700000030000 } from './migrations/1700000030000-predictions';
import { Outcomes1700000031000 } from './migrations/1700000031000-outcomes';
import { Explainers1700000034000 } from './migrations/1700000034000-explainers';
import { RateIntervals1700000034001 } from './migrations/1700000034001-rate-intervals';
import { Policies1700000036000 } from './migrations/1700000036000-policies';
import { EventRates1700000042000 } from './migrations/1700000042000-event-rates';
import { JobsOfAllTypes1700000046000 } from './migrations/1700000046000-jobs-of-all-types';
import { EventIndexes1700000050000 } from './migrations/1700000050000-event-indexes';
import { JobTimeline1700000047000 } from './migrations/1700000047000-job-timeline';
import { Challengers1700000054000 } from './migrations/1700000054000-challengers';
import { DriftReferences1700000057000 } from './migrations/1700000057000-drift-references';
import { Monitoring1700000058000 } from './migrations/1700000058000-monitoring';
import { Webhooks1700000059000 } from './migrations/1700000059000-webhooks';
import { RetrainingSchedules1700000060000 } from './migrations/1700000060000-retraining-schedules';
import { PredictionDecisions1700000063000 } from './migrations/1700000063000-prediction-decisions';
import { Privacy1700000065000 } from './migrations/1700000065000-privacy';
import { RunRetries1700000070000 } from './migrations/1700000070000-run-retries';
import { JoinedProfiles1700000080000 } from './migrations/1700000080000-joined-profiles';
import { EventIndexRetirement1700000082000 } from './migrations/1700000082000-event-index-retirement';
import { JobTraces1700000084000 } from './migrations/1700000084000-job-traces';
import { WarmStarts1700000086000 } from './migrations/1700000086000-warm-starts';
import { InferredOutcomes1700000086001 } from './migrations/1700000086001-inferred-outcomes';
import { Members1700000090000 } from './migrations/1700000090000-members';
import { TenantKeys1700000092000 } from './migrations/1700000092000-tenant-keys';
import { Baselines1700000096000 } from './migrations/1700000096000-baselines';
import { Retention1700000100000 } from './migrations/1700000100000-retention';
import { WorkerDevices1700000104000 } from './migrations/1700000104000-worker-devices';
import { UnfitJobs1700000104001 } from './migrations/1700000104001-unfit-jobs';
import { TenantQuotas1700000105000 } from './migrations/1700000105000-tenant-quotas';
import { MeteredJobs1700000105001 } from './migrations/1700000105001-metered-jobs';
import { JobLogs1700000107000 } from './migrations/1700000107000-job-logs';
import { TrainingStudies1700000108000 } from './migrations/1700000108000-training-studies';
import { EventMoments1700000109000 } from './migrations/1700000109000-event-moments';
import { withOwner } from './owner-connection';

/** In the order in which they apply; what has been released is never changed. */
export const MIGRATIONS = [
  Initial1700000000000,
  RowLevelSecurity1700000000001,
  Jobs1700000001000,
  DatasetFormats1700000003000,
  DatasetProfiles1700000004000,
  DatasetMappings1700000014000,
  DatasetCleaning1700000014001,
  RunPreparation1700000015000,
  Events1700000016000,
  EventSnapshots1700000016001,
  RateWindows1700000021000,
  FairTrainingQueue1700000022000,
  AuditLog1700000023000,
  ApiKeyRotation1700000023001,
  ApiKeyOperations1700000023002,
  DatasetEntities1700000024000,
  Predictions1700000030000,
  Outcomes1700000031000,
  Explainers1700000034000,
  RateIntervals1700000034001,
  Policies1700000036000,
  EventRates1700000042000,
  JobsOfAllTypes1700000046000,
  JobTimeline1700000047000,
  EventIndexes1700000050000,
  Challengers1700000054000,
  DriftReferences1700000057000,
  Monitoring1700000058000,
  Webhooks1700000059000,
  RetrainingSchedules1700000060000,
  PredictionDecisions1700000063000,
  Privacy1700000065000,
  RunRetries1700000070000,
  JoinedProfiles1700000080000,
  EventIndexRetirement1700000082000,
  JobTraces1700000084000,
  WarmStarts1700000086000,
  InferredOutcomes1700000086001,
  Members1700000090000,
  TenantKeys1700000092000,
  Baselines1700000096000,
  Retention1700000100000,
  WorkerDevices1700000104000,
  UnfitJobs1700000104001,
  TenantQuotas1700000105000,
  MeteredJobs1700000105001,
  JobLogs1700000107000,
  TrainingStudies1700000108000,
  EventMoments1700000109000,
];

/** "prop": the advisory lock that lets one process migrate a database at a time. */
const LOCK = 0x70726f70;
/** The oldest server that is supported, as `server_version_num` has it. */
const OLDEST_SERVER = 140_000;

/** Schema in which the job queue keeps its tables. */
export const QUEUE_SCHEMA = 'bullmq';

/**
 * Brings the database up to date: our tables, the job queue's, the application role and what it may do. Any number of
 * processes may call it at once; it does nothing when nothing is to be done.
 *
 * @throws AppError UNAVAILABLE when the server does not answer, INVALID_CONFIGURATION when it or the role in
 * `DATABASE_URL` does not do
 */
export async function migrate(address: string | DatabaseAddress): Promise<void> {
  const database = typeof address === 'string' ? { ownerUrl: address } : address;
  const applicationUrl = applicationUrlOf(database);
  await withOwner(database.ownerUrl, async (owner) => {
    await checkServer(owner);
    // Held by the session: a process that is killed gives it back.
    await owner.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await migrateTables(database.ownerUrl);
    await runMigrations(owner, QUEUE_SCHEMA);
    const role = await ensureApplicationRole(owner, applicationUrl);
    await grantAccess(owner, role);
  });
}

async function checkServer(owner: Client): Promise<void> {
  const { rows } = await owner.query<{ number: number; version: string }>(
    "SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version",
  );
  const [server] = rows;
  if (server && server.number >= OLDEST_SERVER) return;
  throw new AppError(
    'INVALID_CONFIGURATION',
    `PostgreSQL ${server?.version ?? 'of this version'} is too old: DATABASE_URL must name a server of version 14 or newer`,
  );
}

async function migrateTables(ownerUrl: string): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    url: ownerUrl,
    migrations: MIGRATIONS,
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    installExtensions: false,
    logging: false,
    poolSize: 1,
  });
  await source.initialize();
  try {
    await source.runMigrations();
  } finally {
    await source.destroy();
  }
}
