import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { Alert } from './alert.entity';

/** NOTIFY channel; payload `{tenantId}`, delivered when an alert commits. */
export const ALERT_CHANNEL = 'alert_raised';

export type NewAlert = Pick<Alert, 'domain' | 'kind' | 'from' | 'to' | 'message' | 'modelVersionId'>;

/** To every webhook that wants such alerts. */
const SEND = `
INSERT INTO webhook_deliveries (tenant_id, id, webhook_id, alert_id, state)
SELECT w.tenant_id, gen_random_uuid(), w.id, $2, 'PENDING' FROM webhooks w
 WHERE w.tenant_id = $1 AND w.disabled_at IS NULL AND (w.events = '[]' OR w.events ? $3)`;

/** Raises an alert, and has it sent to the webhooks, in the transaction of what it is about. */
export async function raiseAlert(scope: TenantScope, alert: NewAlert): Promise<Alert> {
  // Followers read on from the last number that they have seen: one must not commit behind a larger one.
  await scope.query(`SELECT pg_advisory_xact_lock(hashtextextended('alerts ' || $1, 0))`, [scope.tenantId]);
  const raised = await scope.repository(Alert).insert(alert);
  await scope.query(SEND, [scope.tenantId, raised.id, raised.kind]);
  await scope.notify(ALERT_CHANNEL, { tenantId: scope.tenantId });
  return raised;
}
