import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { PolicyActivation } from './policy-activation.entity';
import { Policy } from './policy.entity';

/** What the newest decision put in force; null: the domain's default. */
export async function policyInForce(scope: TenantScope, kind: string): Promise<Policy | null> {
  const newest = await scope.repository(PolicyActivation).findOne({ kind }, { order: { sequence: 'DESC' } });
  return newest?.policyId == null ? null : scope.repository(Policy).getOrThrow(newest.policyId);
}
