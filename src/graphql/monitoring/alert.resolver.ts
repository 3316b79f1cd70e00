import { Arg, Args, Authorized, Ctx, Query, Resolver, Root, Subscription } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { type Alert as Entity } from '../../services/monitoring/alert.entity';
import { AlertsService } from '../../services/monitoring/alerts.service';
import { ANALYSTS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { DomainKind } from '../domain-kind';
import { Alert, AlertConnection } from './alert';
import { AlertFeed } from './alert-feed';

@Resolver()
export class AlertResolver {
  constructor(private readonly service: AlertsService) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => AlertConnection, {
    description: 'What the monitoring has told your tenant, newest first. Roles: TENANT_ADMIN, ANALYST.',
  })
  async alerts(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) { first, after }: PageArgs,
    @Arg('domain', () => DomainKind, { nullable: true, description: 'Only of this domain.' })
    domain?: string,
  ): Promise<Connection<Alert>> {
    const page = await this.service.list(requireTenant(ctx), { first, after, domain });
    return AlertConnection.from(page, (entity) => Alert.from(entity));
  }

  @Authorized<Role>(ANALYSTS)
  @Subscription(() => Alert, {
    subscribe: ({ args, context }) => follow(context as GraphqlContext, args as { domain?: string | null }),
    description:
      'Every alert of your tenant from now on. Over WebSocket (`graphql-transport-ws`); after a connection was lost, `alerts` has what was missed. Roles: TENANT_ADMIN, ANALYST.',
  })
  alertRaised(
    @Root() alert: Entity,
    @Arg('domain', () => DomainKind, { nullable: true, description: 'Only of this domain.' })
    _domain?: string,
  ): Alert {
    return Alert.from(alert);
  }
}

function follow(
  context: GraphqlContext,
  { domain }: { readonly domain?: string | null },
): Promise<AsyncIterable<Entity>> {
  return context.services.get(AlertFeed).follow(requireTenant(context), domain ?? null);
}
