import { Arg, Args, Authorized, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { EventsService } from '../../services/events/events.service';
import { ANALYSTS, SENDERS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { DomainKind } from '../domain-kind';
import { COST, perItem } from '../limits/cost';
import { outcome } from '../results/outcome';
import { QuotaExceeded } from '../quotas/quota-exceeded';
import { InvalidConfiguration, InvalidInput } from '../results/shared-errors';
import { Event, EventConnection, EventStore } from './event';
import { IngestEventsInput, IngestEventsResult, IngestEventsSuccess } from './ingest-events';

@Resolver()
export class EventResolver {
  constructor(private readonly service: EventsService) {}

  @Authorized<Role>(SENDERS)
  @Mutation(() => IngestEventsResult, {
    complexity: perItem('input.events'),
    description:
      'Stores events, in any order, and answers when they are committed: the next prediction that looks a history up sees them. A batch may be sent again at any time. Roles: TENANT_ADMIN, SERVICE.',
  })
  ingestEvents(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => IngestEventsInput, { description: 'The batch.' }) input: IngestEventsInput,
  ): Promise<typeof IngestEventsResult> {
    return outcome<IngestEventsSuccess, InvalidInput | InvalidConfiguration | QuotaExceeded>(
      [InvalidInput, InvalidConfiguration, QuotaExceeded],
      async () => IngestEventsSuccess.from(await this.service.ingest(requireTenant(ctx), input)),
    );
  }

  @Authorized<Role>(ANALYSTS)
  @Query(() => EventConnection, {
    description:
      "A subject's stored events, the latest first; of one moment, the one accepted last comes first. Roles: TENANT_ADMIN, ANALYST.",
  })
  async events(
    @Ctx() ctx: GraphqlContext,
    @Arg('domain', () => DomainKind, { description: 'The domain.' }) domain: string,
    @Arg('subjectId', () => ID, { description: 'Whom or what they are about.' }) subjectId: string,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<Event>> {
    const { items, ...rest } = await this.service.ofSubject(requireTenant(ctx), { domain, subjectId }, page);
    const places = items.map((event) => ({ id: String(event.sequence), event }));
    return EventConnection.from({ items: places, ...rest }, ({ event }) => Event.from(event));
  }

  @Authorized<Role>(ANALYSTS)
  @Query(() => EventStore, {
    complexity: COST.SUMMARY,
    description: 'What is stored of the events of a domain. Roles: TENANT_ADMIN, ANALYST.',
  })
  async eventStore(
    @Ctx() ctx: GraphqlContext,
    @Arg('domain', () => DomainKind, { description: 'The domain.' }) domain: string,
  ): Promise<EventStore> {
    return EventStore.from(domain, await this.service.summary(requireTenant(ctx), domain));
  }
}
