import { type TenantKeys } from '../../../platform/encryption/tenant-keys';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { Webhook } from './webhook.entity';

/** What a webhook's secret is sealed as: it opens for no other webhook. */
export function secretContext(webhookId: string): string {
  return `secret of webhook ${webhookId}`;
}

/** Changes to a tenant's webhooks wait for each other. */
export async function lockWebhooks(scope: TenantScope): Promise<void> {
  await scope.query(`SELECT pg_advisory_xact_lock(hashtextextended('webhooks ' || $1, 0))`, [scope.tenantId]);
}

/** Seals all secrets of a tenant's webhooks with its newest key, also those from before there was encryption; how many. */
export async function resealWebhooks(scope: TenantScope, keys: TenantKeys): Promise<number> {
  await lockWebhooks(scope);
  const webhooks = scope.repository(Webhook);
  const all = await webhooks.find();
  for (const { id, secret } of all) {
    const context = secretContext(id);
    const plain = await keys.open(scope, secret, context);
    await webhooks.update({ id }, { secret: await keys.seal(scope, plain, context) });
  }
  return all.length;
}
