import { recordChange } from '../../platform/audit/record-change';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { nextStep } from './next-step';
import { askForRuns, runsOfStudy } from './study-runs';
import { TrainingStudy } from './training-study.entity';

/**
 * Takes the next step of a study, if there is one. All of it is one transaction under the study's lock: another that does the
 * same waits, and finds it done; who dies in the middle has done nothing.
 * @returns whether there was one
 */
export async function advanceStudy(scope: TenantScope, studyId: string): Promise<boolean> {
  const studies = scope.repository(TrainingStudy);
  const study = await studies.getForUpdate(studyId);
  const runs = await runsOfStudy(scope, studyId);
  const step = nextStep(study, runs);
  const [alike] = runs;
  if (step === null || !alike) return false;
  if (step.state === 'RUNNING') {
    await askForRuns(scope, alike.id, step.ask);
    return true;
  }
  if (step.state !== 'REFITTING') {
    await studies.update({ id: studyId }, { ...step, finishedAt: new Date() });
    return true;
  }
  const { ask, ...changes } = step;
  await studies.update({ id: studyId }, changes);
  const [runId] = await askForRuns(scope, alike.id, ask);
  if (runId !== undefined)
    recordChange(scope, requesterOf(study), {
      action: 'TRAINING_STARTED',
      objectId: runId,
      before: null,
      after: {
        kind: study.kind,
        datasetId: study.datasetId,
        configurationId: study.configurationId,
        studyId,
        trial: step.bestTrial,
      },
    });
  return true;
}

/** Who asked for the study asked for its refit. */
const requesterOf = ({ id, tenantId, requestedBy }: TrainingStudy): TenantContext => ({
  requestId: `study-${id}`,
  actor: { id: requestedBy, role: 'TENANT_ADMIN', tenantId },
});
