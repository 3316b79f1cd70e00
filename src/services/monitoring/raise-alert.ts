import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { Alert } from './alert.entity';

/** NOTIFY channel; payload `{tenantId}`, delivered when an alert commits. */
export const ALERT_CHANNEL = 'alert_raised';

export type NewAlert = Pick<Alert, 'domain' | 'kind' | 'from' | 'to' | 'message' | 'modelVersionId'>;

/** Raises an alert in the transaction of what it is about. */
export async function raiseAlert(scope: TenantScope, alert: NewAlert): Promise<Alert> {
  // Followers read on from the last number that they have seen: one must not commit behind a larger one.
  await scope.query(`SELECT pg_advisory_xact_lock(hashtextextended('alerts ' || $1, 0))`, [scope.tenantId]);
  const raised = await scope.repository(Alert).insert(alert);
  await scope.notify(ALERT_CHANNEL, { tenantId: scope.tenantId });
  return raised;
}
