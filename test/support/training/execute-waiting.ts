import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { executeRun } from '../../../src/services/training/execute-run';
import { executeTrial } from '../../../src/services/training/execute-trial';
import { judgingPipeline, learningPipeline } from '../../../src/services/training/learning-pipeline';
import { RunLease } from '../../../src/services/training/run-lease';
import { TrainingRun } from '../../../src/services/training/training-run.entity';
import { type TestApi } from '../api/test-api';
import { takeRun } from './take-run';

const OPTIONS = { device: 'cpu', concurrency: 2, memoryBytes: null } as const;

/** Executes the trainings of a tenant that wait, in their order, as a worker would. @returns their ids */
export async function executeWaiting(test: TestApi, tenantId: string, most = Infinity): Promise<string[]> {
  const waiting = await test.database.inTenant(tenantId, (scope) =>
    scope.repository(TrainingRun).find({ state: 'QUEUED' }, { order: { sequence: 'ASC' } }),
  );
  const executed = waiting.slice(0, most);
  for (const run of executed) {
    const workDirectory = await mkdtemp(path.join(tmpdir(), 'executed-'));
    const lease = new RunLease(test.database, { tenantId, runId: run.id, owner: 'test' });
    if (!(await takeRun(test.database, lease))) throw new Error('the run was not free');
    const execution = {
      database: test.database,
      objects: test.stores,
      workDirectory,
      lease,
      signal: new AbortController().signal,
      progressIntervalMs: 1,
    };
    await (run.trial === null
      ? executeRun({ ...execution, pipeline: learningPipeline(OPTIONS) })
      : executeTrial({ ...execution, trials: judgingPipeline(OPTIONS) }));
    await rm(workDirectory, { recursive: true });
  }
  return executed.map(({ id }) => id);
}
