import { recordChange } from '../../platform/audit/record-change';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { beginTrial } from './begin-trial';
import { Challenger } from './challenger.entity';
import { ChallengerTrial } from './challenger-trial.entity';

/**
 * What becomes of a running challenger when another version serves its domain: as the champion it is no challenger any
 * more; beside another champion its trial begins anew.
 */
export async function followPromotion(
  scope: TenantScope,
  ctx: TenantContext,
  { kind, modelVersionId }: { readonly kind: string; readonly modelVersionId: string },
): Promise<void> {
  const [running] = await scope
    .repository(Challenger)
    .find({ kind }, { order: { sequence: 'DESC' }, limit: 1 });
  if (!running || running.endedAt) return;
  const { id, trialId } = running;
  if (running.modelVersionId !== modelVersionId) {
    const { mode, share } = await scope.repository(ChallengerTrial).getOrThrow(trialId);
    await beginTrial(scope, running, { mode, share, championVersionId: modelVersionId });
    return;
  }
  await scope
    .repository(Challenger)
    .update({ id }, { endedAt: new Date(), ending: 'PROMOTED', endedBy: ctx.actor.id });
  recordChange(scope, ctx, {
    action: 'CHALLENGER_PROMOTED',
    objectId: id,
    before: null,
    after: { kind, modelVersionId },
  });
}
