import { randomUUID } from 'node:crypto';
import { AppError } from '../../../errors';
import { recordChange } from '../../../platform/audit/record-change';
import { outboundUrlProblem, type OutboundTargets } from '../../../platform/network/outbound-url';
import { type TenantKeys } from '../../../platform/encryption/tenant-keys';
import { type Database } from '../../../platform/persistence/database';
import { type Page, type PageRequest } from '../../../platform/persistence/keyset';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../../platform/tenancy/request-context';
import { type AlertKind } from '../alert.entity';
import { newWebhookSecret } from './signature';
import { WebhookDelivery } from './webhook-delivery.entity';
import { lockWebhooks, secretContext } from './webhook-secrets';
import { Webhook } from './webhook.entity';

/** Webhooks of a tenant, at most. */
const MAX_WEBHOOKS = 20;

export interface SetWebhook {
  readonly url: string;
  /** Null or empty: all. */
  readonly events?: readonly AlertKind[] | null | undefined;
}

export interface WebhookSet {
  readonly webhook: Webhook;
  /** Of a new one; it is told this once. */
  readonly secret: string | null;
}

/** Where a tenant's alerts are sent. The workers send them. */
export class WebhooksService {
  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly targets: OutboundTargets,
    private readonly keys: TenantKeys,
  ) {}

  /**
   * Makes a webhook, or changes the one of that URL; one that was given up works again.
   * @throws AppError BAD_USER_INPUT for a URL that is never called; CONFLICT when there are 20
   */
  async set(ctx: TenantContext, { url, events }: SetWebhook): Promise<WebhookSet> {
    const problem = outboundUrlProblem(url, this.targets);
    if (problem !== null)
      throw new AppError('BAD_USER_INPUT', `The field "url" ${problem}.`, [
        { path: 'url', message: problem },
      ]);
    const wanted = [...new Set(events ?? [])];
    return this.inTenant(ctx, async (scope) => {
      await lockWebhooks(scope);
      const webhooks = scope.repository(Webhook);
      const before = await webhooks.findOne({ url });
      if (!before && (await webhooks.count()) >= MAX_WEBHOOKS)
        throw new AppError('CONFLICT', `There are ${MAX_WEBHOOKS} webhooks: delete one first.`);
      const secret = before ? null : newWebhookSecret();
      if (before) await webhooks.update({ id: before.id }, { events: wanted, failures: 0, disabledAt: null });
      const webhook = before
        ? await webhooks.getOrThrow(before.id)
        : await this.insert(scope, { url, events: wanted, createdBy: ctx.actor.id }, secret ?? '');
      recordChange(scope, ctx, {
        action: 'WEBHOOK_SET',
        objectId: webhook.id,
        before: before && visible(before),
        after: visible(webhook),
      });
      return { webhook, secret };
    });
  }

  /** Deletes it with its deliveries. @throws AppError NOT_FOUND */
  async delete(ctx: TenantContext, id: string): Promise<Webhook> {
    return this.inTenant(ctx, async (scope) => {
      const webhook = await scope.repository(Webhook).getForUpdate(id);
      await scope.repository(Webhook).delete({ id });
      recordChange(scope, ctx, {
        action: 'WEBHOOK_DELETED',
        objectId: id,
        before: visible(webhook),
        after: null,
      });
      return webhook;
    });
  }

  /** Oldest first. */
  async list(ctx: TenantContext): Promise<Webhook[]> {
    return this.inTenant(ctx, (scope) => scope.repository(Webhook).find({}, { order: { createdAt: 'ASC' } }));
  }

  /** Newest first. @throws AppError NOT_FOUND for the webhook */
  async deliveries(ctx: TenantContext, webhookId: string, page: PageRequest): Promise<Page<WebhookDelivery>> {
    return this.inTenant(ctx, async (scope) => {
      await scope.repository(Webhook).getOrThrow(webhookId);
      return scope.repository(WebhookDelivery).page(page, { where: { webhookId }, orderBy: 'sequence' });
    });
  }

  private async insert(
    scope: TenantScope,
    values: Pick<Webhook, 'url' | 'events' | 'createdBy'>,
    secret: string,
  ): Promise<Webhook> {
    const id = randomUUID();
    const sealed = await this.keys.seal(scope, secret, secretContext(id));
    return scope.repository(Webhook).insert({ ...values, id, secret: sealed });
  }

  private inTenant<T>(ctx: TenantContext, work: (scope: TenantScope) => Promise<T>): Promise<T> {
    return this.database.inTenant(ctx.actor.tenantId, work);
  }
}

/** What the audit log may know: a URL's query may hold a token. */
function visible({ url, events, disabledAt }: Webhook): object {
  const { origin, pathname } = new URL(url);
  return { url: `${origin}${pathname}`, events, disabledAt };
}
