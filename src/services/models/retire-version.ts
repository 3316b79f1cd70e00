import { recordChange } from '../../platform/audit/record-change';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { certificateProblem } from './certificate-problem';
import { ModelVersion } from './model-version.entity';
import { MODEL_PROMOTED_CHANNEL } from './models.service';
import { Promotion } from './promotion.entity';
import { servingStack } from './serving-history';

/**
 * Retires a version for good. One that serves gives way to the version that served last before it and still may, or to
 * none; unless it is to serve until another is promoted.
 */
export async function retireVersion(
  scope: TenantScope,
  ctx: TenantContext,
  {
    version: { id, kind, number },
    requestId,
    servesUntilReplaced,
  }: {
    readonly version: Pick<ModelVersion, 'id' | 'kind' | 'number'>;
    /** The request to erase a subject. */
    readonly requestId: string;
    readonly servesUntilReplaced: boolean;
  },
): Promise<void> {
  await scope.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `promotions ${scope.tenantId} ${kind}`,
  ]);
  const changed = await scope
    .repository(ModelVersion)
    .update({ id }, { retiredAt: new Date(), retiredBy: requestId, servesUntilReplaced });
  if (changed === 0) return;
  recordChange(scope, ctx, {
    action: 'MODEL_RETIRED',
    objectId: id,
    before: null,
    after: { kind, number, servesUntilReplaced, subjectRequestId: requestId },
  });
  const promotions = scope.repository(Promotion);
  const decisions = await promotions.find({ kind }, { order: { sequence: 'ASC' } });
  if (decisions.at(-1)?.modelVersionId !== id || servesUntilReplaced) return;
  for (const earlier of servingStack(decisions).reverse()) {
    if (earlier === id) continue;
    const candidate = await scope.repository(ModelVersion).getOrThrow(earlier);
    if (certificateProblem(candidate) !== null) continue;
    await promotions.insert({ kind, modelVersionId: earlier, action: 'PROMOTE', promotedBy: ctx.actor.id });
    recordChange(scope, ctx, {
      action: 'MODEL_PROMOTED',
      objectId: earlier,
      before: { kind, servingVersionId: id },
      after: { kind, servingVersionId: earlier, number: candidate.number },
    });
    break;
  }
  await scope.notify(MODEL_PROMOTED_CHANNEL, { tenantId: scope.tenantId, kind, modelVersionId: id });
}
