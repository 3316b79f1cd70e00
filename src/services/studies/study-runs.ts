import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { announceProgress } from '../training/progress-channel';
import { type RunOverrides } from '../training/run-overrides';
import { TrainingRun } from '../training/training-run.entity';

/** A training that a study asks for. */
export interface WantedRun {
  /** Null: the refit. */
  readonly trial: number | null;
  readonly rung: number;
  readonly overrides: RunOverrides | null;
}

/** Everything that runs of one study have in common. */
const COMMON = `tenant_id, type, kind, dataset_id, configuration_id, mapping, entities, cleaning, state, priority,
  requested_device, requested_by, request_id, traceparent, study_id`;
const ALIKE = `SELECT ${COMMON.replace('state', "'QUEUED' AS state")} FROM jobs WHERE tenant_id = $1 AND id = $2`;

const ASK = `
INSERT INTO jobs (${COMMON}, id, trial, rung, overrides)
SELECT alike.*, gen_random_uuid(), wanted.trial, wanted.rung, wanted.overrides
  FROM (${ALIKE}) alike, jsonb_to_recordset($3) AS wanted (trial integer, rung integer, overrides jsonb)
 ORDER BY wanted.trial
ON CONFLICT DO NOTHING
RETURNING id`;

/** Asks for trainings as another of the same study was asked for; each once, however often it is asked for. @returns their ids */
export async function askForRuns(
  scope: TenantScope,
  alike: string,
  wanted: readonly WantedRun[],
): Promise<string[]> {
  if (wanted.length === 0) return [];
  const asked = await scope.query<{ id: string }>(ASK, [scope.tenantId, alike, JSON.stringify(wanted)]);
  for (const { id } of asked) await announceProgress(scope, { tenantId: scope.tenantId, runId: id });
  return asked.map(({ id }) => id);
}

/** The runs that studies have asked for, the first asked for first. */
export async function runsOfStudy(scope: TenantScope, studyId: string): Promise<TrainingRun[]> {
  return scope.repository(TrainingRun).find({ studyId }, { order: { sequence: 'ASC' } });
}
