import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { jobBackend } from '../../src/platform/jobs/job-backend';
import { JobQueue } from '../../src/platform/jobs/job-queue';
import { JobWorker } from '../../src/platform/jobs/job-worker';
import { Database } from '../../src/platform/persistence/database';
import { createTenant } from '../../src/platform/tenancy/tenants';
import { RunTaker } from '../../src/services/training/run-taker';
import { RunTurns } from '../../src/services/training/run-turns';

export interface StubPlatformOptions {
  /** A migrated database. */
  readonly ownerUrl: string;
  /** Null for the queue in PostgreSQL. */
  readonly redisUrl: string | null;
}

/** A run that an execution began with, at `performance.now()`. */
export interface Begun {
  readonly tenantId: string;
  readonly runId: string;
  readonly at: number;
}

/** A run that was asked for, at `performance.now()`. */
export interface Asked {
  readonly requestedAt: number;
  /** When its row was written: from then on it is in the line. */
  readonly acknowledgedAt: number;
  readonly begun: Begun;
}

const KIND = 'STUB';
const LEASE_MS = 600_000;
/** Connections that producers and workers share. */
const POOL_SIZE = 8;

/**
 * The queue of training runs as it is: rows, turns, leases and BullMQ. Only what is executed is a stub, which takes a
 * given time and learns nothing.
 */
export class StubPlatform {
  private readonly datasets = new Map<string, string>();
  private readonly waits: { readonly runId: string; readonly tell: (begun: Begun) => void }[] = [];
  private worker: JobWorker<'training'> | null = null;
  /** In the order in which they began. */
  readonly begun: Begun[] = [];
  ended = 0;

  private constructor(
    private readonly database: Database,
    private readonly queue: JobQueue<'training'>,
    private readonly redisUrl: string | null,
  ) {}

  static async open({ ownerUrl, redisUrl }: StubPlatformOptions): Promise<StubPlatform> {
    const database = await Database.connect({ ownerUrl, entities: [], poolSize: POOL_SIZE });
    const backend = jobBackend({ databaseUrl: database.applicationUrl, redisUrl });
    return new StubPlatform(database, new JobQueue(backend, 'training'), redisUrl);
  }

  /** Starts a worker that executes so many runs at a time, each for so long. */
  async work(concurrency: number, jobMs: number): Promise<void> {
    const taker = new RunTaker({
      turns: new RunTurns(this.database),
      leaseMs: LEASE_MS,
      concurrency,
      execute: async ({ tenantId, runId, lease }) => {
        const begun = { tenantId, runId, at: performance.now() };
        this.begun.push(begun);
        this.waits.find((wait) => wait.runId === runId)?.tell(begun);
        if (jobMs > 0) await sleep(jobMs);
        await lease.enter('TRAINING');
        await lease.enter('EVALUATING');
        await lease.succeed('cpu', () => Promise.resolve());
        this.ended += 1;
      },
    });
    this.worker = await JobWorker.start({
      backend: jobBackend({ databaseUrl: this.database.applicationUrl, redisUrl: this.redisUrl }),
      name: 'training',
      handler: (_job, context) => taker.work(context),
      logger: pino({ level: 'silent' }),
      concurrency,
    });
  }

  async tenant(): Promise<string> {
    const { id } = await createTenant(this.database, { slug: `stub-${randomUUID()}`, name: 'Stub' });
    const datasetId = randomUUID();
    await this.database.inTenant(id, async (scope) => {
      await scope.query(
        `INSERT INTO datasets (tenant_id, id, kind, name, state, created_by)
         VALUES ($1, $2, $3, 'stub', 'AWAITING_UPLOAD', $2)`,
        [id, datasetId, KIND],
      );
      await scope.query(
        `INSERT INTO domain_configurations (tenant_id, id, kind, version, feature_spec, model_config, created_by)
         VALUES ($1, $2, $3, 1, '{}', '{}', $2)`,
        [id, datasetId, KIND],
      );
    });
    this.datasets.set(id, datasetId);
    return id;
  }

  /** Asks for runs as the API does: the rows first, then a job for each. */
  async ask(tenantId: string, count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => randomUUID());
    await this.insert(tenantId, ids);
    const remaining = [...ids];
    const add = async (): Promise<void> => {
      for (let runId = remaining.shift(); runId !== undefined; runId = remaining.shift())
        await this.enqueue(tenantId, runId);
    };
    await Promise.all(Array.from({ length: POOL_SIZE }, add));
    return ids;
  }

  /** Asks for one run and waits until an execution begins with it. */
  async askAndWait(tenantId: string): Promise<Asked> {
    const runId = randomUUID();
    const begun = new Promise<Begun>((tell) => this.waits.push({ runId, tell }));
    const requestedAt = performance.now();
    await this.insert(tenantId, [runId]);
    const acknowledgedAt = performance.now();
    await this.enqueue(tenantId, runId);
    return { requestedAt, acknowledgedAt, begun: await begun };
  }

  /** Calls off what waits, lets what is executed end, and leaves. */
  async close(): Promise<void> {
    for (const tenantId of this.datasets.keys()) {
      await this.database.inTenant(tenantId, (scope) =>
        scope.query(
          `UPDATE jobs SET state = 'CANCELLED', finished_at = now()
            WHERE tenant_id = $1 AND state = 'QUEUED'`,
          [tenantId],
        ),
      );
    }
    await this.worker?.close();
    await this.queue.close();
    await this.database.close();
  }

  private async insert(tenantId: string, ids: readonly string[]): Promise<void> {
    await this.database.inTenant(tenantId, (scope) =>
      scope.query(
        `INSERT INTO jobs
           (tenant_id, id, kind, dataset_id, configuration_id, state, requested_by, request_id)
         SELECT $1, id, $3, $4, $4, 'QUEUED', $1, 'bench' FROM unnest($2::uuid[]) id`,
        [tenantId, ids, KIND, this.datasets.get(tenantId)],
      ),
    );
  }

  private async enqueue(tenantId: string, runId: string): Promise<void> {
    await this.queue.add({ tenantId, runId, attempt: 1, actorId: tenantId, requestId: 'bench' });
  }
}
