import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { EventSnapshotsService } from '../../services/events/event-snapshots.service';
import { ADMINS, ANALYSTS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { Dataset } from '../datasets/dataset';
import { DomainKind } from '../domain-kind';
import { COST } from '../limits/cost';
import { DomainConfiguration } from '../domains/configuration';
import { outcome } from '../results/outcome';
import { QuotaExceeded } from '../quotas/quota-exceeded';
import { Conflict, InvalidConfiguration, InvalidInput } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import {
  EventSnapshot,
  EventSnapshotConnection,
  SnapshotEventsInput,
  SnapshotEventsResult,
  SnapshotEventsSuccess,
} from './snapshot';

@Resolver(() => EventSnapshot)
export class SnapshotResolver {
  constructor(private readonly service: EventSnapshotsService) {}

  @Authorized<Role>(ADMINS)
  @Mutation(() => SnapshotEventsResult, {
    complexity: COST.JOB,
    description:
      'Makes a dataset of the events that are stored now, to be profiled and trained on as an uploaded one is. Roles: TENANT_ADMIN.',
  })
  snapshotEvents(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => SnapshotEventsInput, { description: 'Which events.' }) input: SnapshotEventsInput,
  ): Promise<typeof SnapshotEventsResult> {
    return outcome([InvalidInput, InvalidConfiguration, Conflict, QuotaExceeded], async () => {
      const snapshot = EventSnapshot.from(await this.service.request(requireTenant(ctx), input));
      return Object.assign(new SnapshotEventsSuccess(), { snapshot });
    });
  }

  @Authorized<Role>(ANALYSTS)
  @Query(() => EventSnapshot, {
    nullable: true,
    description:
      'One snapshot. Error `NOT_FOUND` when your tenant has none with this id. Roles: TENANT_ADMIN, ANALYST.',
  })
  async eventSnapshot(
    @Ctx() ctx: GraphqlContext,
    @Arg('id', () => ID, { description: "The snapshot's id." }) id: string,
  ): Promise<EventSnapshot> {
    return EventSnapshot.from(await this.service.get(requireTenant(ctx), uuidArgument(id, 'id')));
  }

  @Authorized<Role>(ANALYSTS)
  @Query(() => EventSnapshotConnection, {
    description: 'The snapshots of your tenant, newest first. Roles: TENANT_ADMIN, ANALYST.',
  })
  async eventSnapshots(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('domain', () => DomainKind, { nullable: true, description: 'Only snapshots of this domain.' })
    domain?: string,
  ): Promise<Connection<EventSnapshot>> {
    const { first, after } = page;
    return EventSnapshotConnection.from(
      await this.service.list(requireTenant(ctx), { first, after, kind: domain }),
      (entity) => EventSnapshot.from(entity),
    );
  }

  @FieldResolver(() => Dataset, { nullable: true, description: 'What it became; null unless SUCCEEDED.' })
  async dataset(@Root() { entity }: EventSnapshot, @Ctx() ctx: GraphqlContext): Promise<Dataset | null> {
    return entity.datasetId === null ? null : Dataset.from(await ctx.loaders.dataset.load(entity.datasetId));
  }

  @FieldResolver(() => DomainConfiguration, {
    description: 'The configuration that names its columns: the one in force when it was asked for.',
  })
  async configuration(
    @Root() { entity }: EventSnapshot,
    @Ctx() ctx: GraphqlContext,
  ): Promise<DomainConfiguration> {
    return DomainConfiguration.from(await ctx.loaders.configuration.load(entity.configurationId));
  }
}

@Resolver(() => Dataset)
export class DatasetSnapshotResolver {
  @FieldResolver(() => EventSnapshot, {
    nullable: true,
    description: 'The snapshot of stored events that it was made by; null for one whose file was uploaded.',
  })
  async snapshot(@Root() dataset: Dataset, @Ctx() ctx: GraphqlContext): Promise<EventSnapshot | null> {
    const snapshot = await ctx.loaders.snapshotOfDataset.load(dataset.id);
    return snapshot && EventSnapshot.from(snapshot);
  }
}
