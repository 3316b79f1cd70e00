import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { meanPhases, type PhaseProgress, phaseProgress, type RunningRun } from './phase-progress';

/** What an open run has before it, as things stand: whoever asks for something later may come before it. */
export interface RunOutlook {
  /** Runs of all tenants that begin before it; null unless it waits. */
  readonly place: number | null;
  /** Null unless it waits, and until a run has ended from which lengths are known. */
  readonly predictedStartAt: Date | null;
  /** Null until a run has ended from which lengths are known. */
  readonly predictedEndAt: Date | null;
  /** How much of the execution is done, 0 to 1; 0 while it waits, null of jobs that train nothing. */
  readonly share: number | null;
  /** Why no worker that is connected can execute it; null where one can. */
  readonly missing: MissingWorker | null;
}

export const MISSING = ['WORKER', 'GPU', 'MEMORY'] as const;
/** What no connected worker has; of MEMORY, how many bytes. */
export interface MissingWorker {
  readonly what: (typeof MISSING)[number];
  readonly memoryBytes: number | null;
}

interface Row {
  readonly runId: string;
  readonly place: number | null;
  readonly startsIn: number | null;
  readonly endsIn: number | null;
}

/** The outlook of those of the tenant's runs that are open, by id. */
export async function outlookOf(
  scope: TenantScope,
  runIds: readonly string[],
): Promise<Map<string, RunOutlook>> {
  const rows = await scope.query<Row>(
    `SELECT job_id AS "runId", place, starts_in AS "startsIn", ends_in AS "endsIn" FROM job_outlook($1)`,
    [runIds],
  );
  const stranded = await scope.query<MissingWorker & { readonly runId: string }>(
    'SELECT job_id AS "runId", missing AS what, memory AS "memoryBytes" FROM stranded_jobs($1)',
    [runIds],
  );
  const running = await progressOf(
    scope,
    rows.filter(({ place }) => place === null).map(({ runId }) => runId),
  );
  const missing = new Map(stranded.map(({ runId, ...each }) => [runId, each]));
  const now = Date.now();
  const after = (seconds: number | null): Date | null =>
    seconds === null ? null : new Date(now + seconds * 1000);
  return new Map(
    rows.map(({ runId, place, startsIn, endsIn }) => [
      runId,
      {
        place,
        predictedStartAt: after(startsIn),
        predictedEndAt: after(running.get(runId)?.secondsLeft ?? endsIn),
        share: place === null ? (running.get(runId)?.share ?? null) : 0,
        missing: missing.get(runId) ?? null,
      },
    ]),
  );
}

/** How far the tenant's trainings are that are executed, by how long the phases of its last ten took that went through at once. */
async function progressOf(
  scope: TenantScope,
  runIds: readonly string[],
): Promise<Map<string, PhaseProgress>> {
  if (runIds.length === 0) return new Map();
  const runs = await scope.query<RunningRun & { readonly runId: string }>(
    `SELECT id AS "runId", timeline, progress FROM jobs WHERE tenant_id = $1 AND id = ANY ($2) AND type = 'TRAINING'`,
    [scope.tenantId, runIds],
  );
  const ended = await scope.query<Pick<RunningRun, 'timeline'>>(
    `SELECT timeline FROM jobs
      WHERE tenant_id = $1 AND type = 'TRAINING' AND state = 'SUCCEEDED' AND attempt = 1 AND jsonb_array_length(timeline) > 0
      ORDER BY finished_at DESC LIMIT 10`,
    [scope.tenantId],
  );
  const known = meanPhases(ended.map(({ timeline }) => timeline));
  const now = Date.now();
  return new Map(
    runs.flatMap(({ runId, ...run }) => {
      const progress = phaseProgress(run, known, now);
      return progress ? [[runId, progress] as const] : [];
    }),
  );
}
