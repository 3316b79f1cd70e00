import { Arg, Args, Authorized, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { WebhooksService } from '../../services/monitoring/webhooks/webhooks.service';
import { ADMINS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { about, COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { Conflict, InvalidInput } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import {
  DeleteWebhookInput,
  DeleteWebhookResult,
  DeleteWebhookSuccess,
  SetWebhookInput,
  SetWebhookResult,
  SetWebhookSuccess,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryConnection,
} from './webhook';

@Resolver()
export class WebhookResolver {
  constructor(private readonly service: WebhooksService) {}

  @Authorized<Role>(ADMINS)
  @Query(() => [Webhook], {
    complexity: about(20),
    description: "Your tenant's webhooks, oldest first, at most 20. Roles: TENANT_ADMIN.",
  })
  async webhooks(@Ctx() ctx: GraphqlContext): Promise<Webhook[]> {
    return (await this.service.list(requireTenant(ctx))).map((entity) => Webhook.from(entity));
  }

  @Authorized<Role>(ADMINS)
  @Query(() => WebhookDeliveryConnection, {
    description:
      'What became of the alerts that a webhook was to be sent, newest first; the last 1,000 are kept. Error `NOT_FOUND` when your tenant has no such webhook. Roles: TENANT_ADMIN.',
  })
  async webhookDeliveries(
    @Ctx() ctx: GraphqlContext,
    @Arg('webhookId', () => ID, { description: 'The webhook.' }) webhookId: string,
    @Args(() => PageArgs) { first, after }: PageArgs,
  ): Promise<Connection<WebhookDelivery>> {
    const id = uuidArgument(webhookId, 'webhookId');
    const page = await this.service.deliveries(requireTenant(ctx), id, { first, after });
    return WebhookDeliveryConnection.from(page, (entity) => WebhookDelivery.from(entity));
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => SetWebhookResult, {
    complexity: COST.CHANGE,
    description:
      'Has alerts sent to a URL from now on, signed with a secret that a new one is given; or changes which, and lets one that was given up work again. Roles: TENANT_ADMIN.',
  })
  setWebhook(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => SetWebhookInput, { description: 'Where, and which.' }) input: SetWebhookInput,
  ): Promise<typeof SetWebhookResult> {
    return outcome([InvalidInput, Conflict], async () => {
      const { webhook, secret } = await this.service.set(requireTenant(ctx), input);
      return Object.assign(new SetWebhookSuccess(), { webhook: Webhook.from(webhook), secret });
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => DeleteWebhookResult, {
    complexity: COST.CHANGE,
    description:
      'Ends a webhook, and what is on its way to it. Error `NOT_FOUND` when your tenant has no such webhook. Roles: TENANT_ADMIN.',
  })
  async deleteWebhook(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => DeleteWebhookInput, { description: 'Which.' }) input: DeleteWebhookInput,
  ): Promise<typeof DeleteWebhookResult> {
    const id = uuidArgument(input.webhookId, 'input.webhookId');
    const webhook = await this.service.delete(requireTenant(ctx), id);
    return Object.assign(new DeleteWebhookSuccess(), { webhook: Webhook.from(webhook) });
  }
}
