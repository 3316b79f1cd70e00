import { withOwner } from '../../src/platform/persistence/owner-connection';
import { trainingDatabase, type TrainingDatabase } from '../support/training/database';
import { until } from '../support/training/until';
import { WorkerProcesses } from '../support/training/worker-processes';

describe('the health of a worker', () => {
  let db: TrainingDatabase;
  let workers: WorkerProcesses;
  beforeAll(async () => {
    db = await trainingDatabase();
    workers = await WorkerProcesses.create({ DATABASE_URL: db.ownerUrl });
  });
  afterAll(async () => {
    await workers.remove();
    await db.close();
  });

  it('is told beside its metrics: it is ready while it has what it needs', async () => {
    const { log } = await workers.start({ PROPENSITY_METRICS_PORT: '0' });
    const told = log.map((line) => JSON.parse(line) as { msg: string; url?: string });
    const { url } = told.find(({ msg }) => msg === 'metrics')!;
    const ask = async (path: string) => {
      const response = await fetch(new URL(path, url));
      return { status: response.status, text: await response.text() };
    };
    const ready = async () => {
      const { status, text } = await ask('/health/ready');
      return { status, ...(JSON.parse(text) as object) };
    };
    const name = 'Initial1700000000000';
    // Somebody puts an old copy of the database in place.
    await withOwner(db.ownerUrl, (owner) =>
      owner.query(`UPDATE schema_migrations SET name = name || ' taken back' WHERE name = $1`, [name]),
    );
    expect(await ready()).toEqual({
      ...{ status: 'not ready' },
      checks: { accepting: true, database: true, tables: false, queue: true },
    });
    expect((await ask('/health/ready')).status).toBe(503);
    expect((await ask('/health/live')).status).toBe(200);
    await withOwner(db.ownerUrl, (owner) =>
      owner.query(`UPDATE schema_migrations SET name = $1 WHERE name LIKE $1 || ' %'`, [name]),
    );
    expect((await ask('/health/ready')).status).toBe(200);
    expect(await ready()).toEqual({
      ...{ status: 'ready' },
      checks: { accepting: true, database: true, tables: true, queue: true },
    });
    await until(
      () => ask('/metrics'),
      ({ text }) => /propensity_pass_seconds_count\{(?=[^}]*worker="webhooks")[^}]*outcome="done"/.test(text),
    );
  });
});
