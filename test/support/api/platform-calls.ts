import { randomUUID } from 'node:crypto';
import { type AuditAction } from '../../../src/platform/audit/actions';
import { type ApiTenant } from './test-api';

interface Call {
  readonly input: object;
  readonly action: AuditAction;
  readonly objectId?: string;
  readonly byPlatform: true;
}

/** The mutations of platform administrators, in a state in which they change something. */
export function platformCalls(owner: () => ApiTenant): Readonly<Record<string, () => Call>> {
  return {
    createTenant: () => ({
      input: { slug: `t-${randomUUID()}`, name: 'New' },
      action: 'TENANT_CREATED',
      byPlatform: true,
    }),
    setTrainingShare: () => ({
      input: { tenantId: owner().id, trainingWeight: 2 },
      action: 'TRAINING_SHARE_SET',
      objectId: owner().id,
      byPlatform: true,
    }),
    setTenantQuotas: () => ({
      input: { tenantId: owner().id, quotas: [{ kind: 'PREDICTIONS_PER_DAY', limit: 1_000_000 }] },
      action: 'QUOTAS_SET',
      objectId: owner().id,
      byPlatform: true,
    }),
  };
}
