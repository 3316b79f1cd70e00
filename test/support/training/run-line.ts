import { randomUUID } from 'node:crypto';
import { type Client } from 'pg';
import { type Database } from '../../../src/platform/persistence/database';
import { withOwner } from '../../../src/platform/persistence/owner-connection';
import { setTrainingShare } from '../../../src/platform/tenancy/tenants';
import { type RequestedDevice } from '../../../src/services/training/requested-device';
import { RunTurns, type TakenRun } from '../../../src/services/training/run-turns';
import { trainingDatabase, type TrainingDatabase } from './database';
import { KIND, type TenantFixture, tenantFixture } from './tenant-fixture';

export interface Share {
  readonly weight?: number;
  readonly quota?: number | null;
  /** Seconds that each of its runs takes, as its last ten did. */
  readonly seconds?: number;
}

export interface Asked {
  readonly priority?: number;
  readonly begun?: boolean;
  readonly device?: RequestedDevice;
  /** Bytes, at least. */
  readonly memory?: number | null;
  /** Seconds since it was asked for. */
  readonly ago?: number;
}

/** Tenants that ask for runs and workers that take them, with nothing executed: time passes as the test says. */
export class RunLine {
  readonly turns: RunTurns;
  private readonly signal = new AbortController().signal;

  private constructor(
    private readonly test: TrainingDatabase,
    readonly tenants: readonly TenantFixture[],
  ) {
    this.turns = new RunTurns(test.database);
  }

  static async create(tenants: number): Promise<RunLine> {
    const test = await trainingDatabase();
    const made = [];
    for (let index = 0; index < tenants; index += 1) made.push(await tenantFixture(test.database));
    return new RunLine(test, made);
  }

  get database(): Database {
    return this.test.database;
  }

  async close(): Promise<void> {
    await this.test.close();
  }

  tenantId(tenant: number): string {
    return this.tenants[tenant]!.ctx.actor.tenantId;
  }

  /** Forgets every run and turn, and gives each tenant its share. */
  async begin(shares: readonly Share[]): Promise<void> {
    await this.asOwner((owner) =>
      owner.query('DELETE FROM job_turns; DELETE FROM jobs; DELETE FROM workers'),
    );
    for (const [tenant, { weight = 1, quota = null, seconds }] of shares.entries()) {
      const share = { trainingWeight: weight, maxRunningTrainings: quota };
      await this.database.inTenant(this.tenantId(tenant), (scope) => setTrainingShare(scope, share));
      if (seconds === undefined) continue;
      await this.insert(tenant, 10, {
        columns: ', attempt, started_at, finished_at',
        state: 'SUCCEEDED',
        values: `, 1, now() - interval '${seconds} s', now()`,
      });
    }
  }

  /** Asks for runs, one after the other; returns their ids in this order. */
  async ask(tenant: number, count = 1, asked: Asked = {}): Promise<string[]> {
    const { priority = 0, begun = false, device = 'AUTO', memory = null, ago = 0 } = asked;
    return this.insert(tenant, count, {
      columns: ', priority, attempt, requested_device, minimum_memory, requested_at',
      state: 'QUEUED',
      values: `, ${priority}, ${begun ? 1 : 0}, '${device}', ${memory ?? 'NULL::bigint'}, now() - interval '${ago} s'`,
    });
  }

  async take(): Promise<TakenRun | null> {
    return this.turns.take(600_000, this.signal);
  }

  /** Ends a run well. */
  async end({ tenantId, runId }: TakenRun, seconds = 60): Promise<void> {
    await this.asOwner((owner) =>
      owner.query(
        `UPDATE jobs
            SET state = 'SUCCEEDED', lease_owner = NULL, lease_expires_at = NULL, finished_at = now(),
                started_at = now() - $3 * interval '1 second'
          WHERE tenant_id = $1 AND id = $2`,
        [tenantId, runId, seconds],
      ),
    );
  }

  /** Changes rows as nothing else would. */
  async change(sql: string): Promise<void> {
    await this.asOwner((owner) => owner.query(sql));
  }

  private async insert(
    tenant: number,
    count: number,
    { columns, state, values }: { columns: string; state: string; values: string },
  ): Promise<string[]> {
    const { ctx, datasetId } = this.tenants[tenant]!;
    const ids = Array.from({ length: count }, () => randomUUID());
    await this.asOwner((owner) =>
      owner.query(
        `INSERT INTO jobs
           (tenant_id, id, kind, dataset_id, configuration_id, requested_by, request_id, state${columns})
         SELECT $1, run.id, $3, $4, configuration.id, $5, 'test', '${state}'${values}
           FROM unnest($2::uuid[]) WITH ORDINALITY run (id, place), domain_configurations configuration
          WHERE configuration.tenant_id = $1 ORDER BY run.place`,
        [ctx.actor.tenantId, ids, KIND, datasetId, ctx.actor.id],
      ),
    );
    return ids;
  }

  private async asOwner(work: (owner: Client) => Promise<unknown>): Promise<void> {
    await withOwner(this.test.ownerUrl, work);
  }
}
