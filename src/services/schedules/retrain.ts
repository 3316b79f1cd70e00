import { AppError } from '../../errors';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { EventSnapshot } from '../events/event-snapshot.entity';
import { type EventSnapshotsService } from '../events/event-snapshots.service';
import { type EvaluationsService } from '../models/evaluations.service';
import { type ModelsService } from '../models/models.service';
import { hasEnded } from '../training/run-state';
import { TrainingRun } from '../training/training-run.entity';
import { type TrainingService } from '../training/training.service';
import { type RetrainingSchedule } from './retraining-schedule.entity';
import { type Retraining } from './retraining.entity';

export interface RetrainParts {
  readonly database: Database;
  readonly snapshots: Pick<EventSnapshotsService, 'request'>;
  readonly training: Pick<TrainingService, 'start'>;
  readonly models: Pick<ModelsService, 'byRuns' | 'currentPromotions' | 'promote'>;
  readonly evaluations: Pick<EvaluationsService, 'compare'>;
}

/** What a step has changed; null: it waits. */
export type Step = Partial<
  Pick<Retraining, 'state' | 'snapshotId' | 'runId' | 'modelVersionId' | 'promoted' | 'detail'>
> | null;

/** A p-value below which a new version is better, and not by luck. */
const ALPHA = 0.05;

/**
 * The next step of a retraining. Each can be done again: what a worker began that fell silent is found by its name.
 */
export async function nextStep(
  parts: RetrainParts,
  ctx: TenantContext,
  { schedule, retraining }: { readonly schedule: RetrainingSchedule; readonly retraining: Retraining },
): Promise<Step> {
  try {
    return retraining.state === 'PREPARING'
      ? await prepare(parts, ctx, { schedule, retraining })
      : await settle(parts, ctx, { schedule, retraining });
  } catch (error) {
    // What is out of reach may be back a moment later; everything else stays as it is.
    if (!(error instanceof AppError) || error.code === 'UNAVAILABLE') throw error;
    return { state: 'FAILED', detail: error.message };
  }
}

interface Under {
  readonly schedule: RetrainingSchedule;
  readonly retraining: Retraining;
}

async function prepare(
  { database, snapshots, training }: RetrainParts,
  ctx: TenantContext,
  { schedule, retraining }: Under,
): Promise<Step> {
  const { domain } = schedule;
  let { datasetId } = schedule;
  if (datasetId === null) {
    const name = `Retraining ${retraining.id}`;
    const snapshot =
      (await database.inTenant(ctx.actor.tenantId, (scope) =>
        scope.repository(EventSnapshot).findOne({ name }),
      )) ?? (await snapshots.request(ctx, { domain, name }));
    if (snapshot.state === 'FAILED')
      return {
        state: 'FAILED',
        snapshotId: snapshot.id,
        detail: snapshot.errorMessage ?? 'the snapshot failed',
      };
    if (snapshot.datasetId === null)
      return retraining.snapshotId === null ? { snapshotId: snapshot.id } : null;
    datasetId = snapshot.datasetId;
  }
  const begun = await database.inTenant(ctx.actor.tenantId, (scope) =>
    scope.repository(TrainingRun).findOne({ requestId: ctx.requestId }),
  );
  const startFrom =
    schedule.startFrom === 'CHAMPION' ? ('CHAMPION_IF_USABLE' as const) : ('NOTHING' as const);
  const run = begun ?? (await training.start(ctx, { kind: domain, datasetId, priority: 'LOW', startFrom }));
  return { state: 'TRAINING', runId: run.id };
}

async function settle(
  parts: RetrainParts,
  ctx: TenantContext,
  { schedule, retraining }: Under,
): Promise<Step> {
  const { database, models } = parts;
  const runId = retraining.runId ?? '';
  const run = await database.inTenant(ctx.actor.tenantId, (scope) =>
    scope.repository(TrainingRun).getOrThrow(runId),
  );
  if (!hasEnded(run.state)) return null;
  const [version] = await models.byRuns(ctx, [runId]);
  if (!version)
    return { state: 'FAILED', detail: run.errorMessage ?? `the training was ${run.state.toLowerCase()}` };
  const end = { state: 'SUCCEEDED' as const, modelVersionId: version.id };
  if (schedule.promote === 'NEVER') return { ...end, detail: 'not promoted: nobody asked for it' };
  return { ...end, ...(await promoteIfBetter(parts, ctx, { domain: schedule.domain, id: version.id })) };
}

/** Promotes a version whose log loss is lower than the champion's on the examples that neither was fitted on. */
async function promoteIfBetter(
  { models, evaluations }: Pick<RetrainParts, 'models' | 'evaluations'>,
  ctx: TenantContext,
  { domain, id }: { readonly domain: string; readonly id: string },
): Promise<{ readonly promoted: boolean; readonly detail: string }> {
  const [champion] = await models.currentPromotions(ctx, [domain]);
  if (!champion) return { promoted: false, detail: 'not promoted: there is no champion to be better than' };
  try {
    const { logLoss } = await evaluations.compare(ctx, { first: champion.modelVersionId, second: id });
    const { difference, pValue } = logLoss;
    const told = `log loss differs by ${difference?.toFixed(5) ?? '?'}, p = ${pValue?.toPrecision(2) ?? '?'}`;
    if (difference === null || pValue === null || difference >= 0 || pValue >= ALPHA)
      return { promoted: false, detail: `not promoted: ${told}` };
    await models.promote(ctx, id);
    return { promoted: true, detail: `promoted: ${told}` };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'UNAVAILABLE') throw error;
    return { promoted: false, detail: `not promoted: ${error.message}` };
  }
}
