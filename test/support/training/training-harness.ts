import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { jobBackend } from '../../../src/platform/jobs/job-backend';
import { JobQueue } from '../../../src/platform/jobs/job-queue';
import { ModelVersion } from '../../../src/services/models/model-version.entity';
import { executeRun } from '../../../src/services/training/execute-run';
import { RunLease } from '../../../src/services/training/run-lease';
import { TrainingService } from '../../../src/services/training/training.service';
import { type TrainingRun } from '../../../src/services/training/training-run.entity';
import { trainingDatabase, type TrainingDatabase } from './database';
import { fakePipeline } from './fake-pipeline';
import { MemoryObjects } from './memory-objects';
import { LEASE_MS, takeRun } from './take-run';
import { KIND, type TenantFixture, tenantFixture } from './tenant-fixture';

export { LEASE_MS };
export const silentLogger = pino({ level: 'silent' });

/** Runs, leases and executions inside the test's own process. */
export class TrainingHarness {
  readonly objects = new MemoryObjects();

  private constructor(
    readonly db: TrainingDatabase,
    readonly queue: JobQueue<'training'>,
    readonly service: TrainingService,
    readonly tenant: TenantFixture,
  ) {}

  static async create(): Promise<TrainingHarness> {
    const db = await trainingDatabase();
    const { database } = db;
    const queue = new JobQueue(
      jobBackend({ databaseUrl: database.applicationUrl, redisUrl: null }),
      'training',
    );
    const service = new TrainingService({ database, queue, logger: silentLogger });
    return new TrainingHarness(db, queue, service, await tenantFixture(database));
  }

  async close(): Promise<void> {
    await this.queue.close();
    await this.db.close();
  }

  leaseOf(run: TrainingRun): RunLease {
    const { tenantId, id: runId } = run;
    return new RunLease(this.db.database, { tenantId, runId, owner: randomUUID() });
  }

  async start({ ctx, datasetId } = this.tenant): Promise<TrainingRun> {
    return this.service.start(ctx, { kind: KIND, datasetId });
  }

  /** A run that is being executed. */
  async taken(): Promise<{ run: TrainingRun; lease: RunLease }> {
    const run = await this.start();
    const lease = this.leaseOf(run);
    if (!(await takeRun(this.db.database, lease))) throw new Error('the run was not free');
    return { run, lease };
  }

  async read(run: TrainingRun): Promise<TrainingRun> {
    return this.service.get(this.tenant.ctx, run.id);
  }

  async execute(lease: RunLease, signal = new AbortController().signal): Promise<void> {
    await executeRun({
      database: this.db.database,
      objects: this.objects,
      pipeline: fakePipeline,
      lease,
      workDirectory: '/nowhere',
      signal,
      progressIntervalMs: 1,
    });
  }

  async versionsOf(run: TrainingRun): Promise<ModelVersion[]> {
    return this.db.database.inTenant(run.tenantId, (scope) =>
      scope.repository(ModelVersion).find({ runId: run.id }),
    );
  }
}
