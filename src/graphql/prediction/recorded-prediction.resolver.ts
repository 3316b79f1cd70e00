import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { DecisionLog } from '../../services/decisions/decision-log';
import { RecordedPredictions } from '../../services/prediction/log/recorded-predictions';
import { Replays } from '../../services/prediction/log/replays';
import { ANALYSTS, TENANT_MEMBERS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { ModelVersion } from '../models/model-version';
import { uuidArgument } from '../uuid-argument';
import {
  PredictionFilter,
  PredictionReplay,
  RecordedDecision,
  RecordedPrediction,
  RecordedPredictionConnection,
  ReplayedDecision,
} from './recorded-prediction';

@Resolver(() => RecordedPrediction)
export class RecordedPredictionResolver {
  constructor(
    private readonly recorded: RecordedPredictions,
    private readonly replays: Replays,
    private readonly decisions: DecisionLog,
  ) {}

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => RecordedPrediction, {
    nullable: true,
    description:
      'A prediction that was asked for its `id`, or recorded otherwise. Error `NOT_FOUND` when your tenant has none with this id, or no longer. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async prediction(
    @Ctx() ctx: GraphqlContext,
    @Arg('id', () => ID, { description: "The prediction's id." }) id: string,
  ): Promise<RecordedPrediction> {
    const { tenantId } = requireTenant(ctx).actor;
    return RecordedPrediction.from(await this.recorded.get(tenantId, uuidArgument(id, 'id')));
  }

  @Authorized<Role>(ANALYSTS)
  @Query(() => RecordedPredictionConnection, {
    description:
      'Recorded predictions: of one subject the latest moment first, else the latest answered first. Roles: TENANT_ADMIN, ANALYST.',
  })
  async predictions(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => PredictionFilter, { description: 'Which.' })
    { modelVersionId, ...filter }: PredictionFilter,
  ): Promise<Connection<RecordedPrediction>> {
    const version = modelVersionId == null ? null : uuidArgument(modelVersionId, 'filter.modelVersionId');
    const { tenantId } = requireTenant(ctx).actor;
    return RecordedPredictionConnection.from(
      await this.recorded.page(tenantId, { ...filter, modelVersionId: version }, page),
      (entity) => RecordedPrediction.from(entity),
    );
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => PredictionReplay, {
    nullable: true,
    complexity: COST.FILE,
    description:
      'Computes a recorded prediction again from what was stored of it, by the artifact that answered, whichever serves now. Error `NOT_FOUND` as for `prediction`. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async replayPrediction(
    @Ctx() ctx: GraphqlContext,
    @Arg('id', () => ID, { description: "The prediction's id." }) id: string,
  ): Promise<PredictionReplay> {
    const tenant = requireTenant(ctx);
    await ctx.take?.('predictions', 1);
    return PredictionReplay.from(await this.replays.replay(tenant.actor.tenantId, uuidArgument(id, 'id')));
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @FieldResolver(() => ModelVersion, {
    description: 'The version that answered. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async modelVersion(
    @Root() { modelVersionId }: RecordedPrediction,
    @Ctx() ctx: GraphqlContext,
  ): Promise<ModelVersion> {
    return ModelVersion.from(await ctx.loaders.modelVersion.load(modelVersionId));
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @FieldResolver(() => RecordedDecision, {
    nullable: true,
    complexity: 1,
    description:
      "What your tenant's policy made of it; null where nothing but `decision` was. Roles: TENANT_ADMIN, ANALYST, SERVICE.",
  })
  async decided(
    @Root() { id }: RecordedPrediction,
    @Ctx() ctx: GraphqlContext,
  ): Promise<RecordedDecision | null> {
    const decided = await this.decisions.get(requireTenant(ctx).actor.tenantId, id);
    return decided && Object.assign(new RecordedDecision(), decided);
  }
}

@Resolver(() => PredictionReplay)
export class PredictionReplayResolver {
  constructor(private readonly decisions: DecisionLog) {}

  @Authorized<Role>(TENANT_MEMBERS)
  @FieldResolver(() => ReplayedDecision, {
    nullable: true,
    complexity: 1,
    description:
      'What the policy that decided makes of it now; null where none did. Error `INVALID_CONFIGURATION` when this release cannot decide by that version any more. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async decided(
    @Root() { recorded, probability }: PredictionReplay,
    @Ctx() ctx: GraphqlContext,
  ): Promise<ReplayedDecision | null> {
    const again = await this.decisions.again(requireTenant(ctx), { ...recorded, probability });
    return again && Object.assign(new ReplayedDecision(), again);
  }
}
