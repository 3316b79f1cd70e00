import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { ModelsService } from '../../services/models/models.service';
import { ADMINS, ANALYSTS, TENANT_MEMBERS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { CleaningStep } from '../datasets/cleaning';
import { DomainKind } from '../domain-kind';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { Conflict, InvalidInput } from '../results/shared-errors';
import { DataPreparation } from '../training/preparation';
import { WarmStart } from '../training/start-from';
import { JoinedDataset, TrainingRun } from '../training/training-run';
import { uuidArgument } from '../uuid-argument';
import { BelowBaseline } from './baseline';
import {
  PromoteModelInput,
  PromoteModelResult,
  PromoteModelSuccess,
  RollbackModelInput,
  RollbackModelResult,
  RollbackModelSuccess,
} from './model-results';
import { ModelVersion, ModelVersionConnection } from './model-version';
import { Promotion } from './promotion';

@Resolver(() => ModelVersion)
export class ModelResolver {
  constructor(private readonly models: ModelsService) {}

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => ModelVersion, {
    nullable: true,
    description:
      'One model version. Error `NOT_FOUND` when your tenant has none with this id. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async modelVersion(
    @Ctx() ctx: GraphqlContext,
    @Arg('id', () => ID, { description: "The version's id." }) id: string,
  ): Promise<ModelVersion> {
    return ModelVersion.from(await this.models.get(requireTenant(ctx), uuidArgument(id, 'id')));
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => ModelVersionConnection, {
    description: 'The model versions of your tenant, newest first. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async modelVersions(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) { first, after }: PageArgs,
    @Arg('kind', () => DomainKind, { nullable: true, description: 'Only versions of this domain.' })
    kind?: string,
  ): Promise<Connection<ModelVersion>> {
    const versions = await this.models.list(requireTenant(ctx), { first, after, kind });
    return ModelVersionConnection.from(versions, (entity) => ModelVersion.from(entity));
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => PromoteModelResult, {
    complexity: COST.CHANGE,
    description:
      'Lets a version serve its domain from now on. Promoting the version that serves already changes nothing. Error `NOT_FOUND` when your tenant has no such version. Roles: TENANT_ADMIN.',
  })
  async promoteModel(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => PromoteModelInput, { description: 'The version.' }) input: PromoteModelInput,
  ): Promise<typeof PromoteModelResult> {
    const versionId = uuidArgument(input.modelVersionId, 'input.modelVersionId');
    return outcome([BelowBaseline, InvalidInput, Conflict], async () => {
      const { promotion, champion } = await this.models.promote(requireTenant(ctx), versionId, {
        baselineOverride: input.baselineOverride?.reason ?? null,
      });
      return Object.assign(new PromoteModelSuccess(), {
        promotion: Promotion.from(promotion),
        champion: ModelVersion.from(champion),
      });
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => RollbackModelResult, {
    complexity: COST.CHANGE,
    description:
      'Lets the version serve again that served before the present one; again, the one before that. Roles: TENANT_ADMIN.',
  })
  async rollbackModel(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => RollbackModelInput, { description: 'The domain.' }) { kind }: RollbackModelInput,
  ): Promise<typeof RollbackModelResult> {
    return outcome([Conflict], async () => {
      const { promotion, champion } = await this.models.rollback(requireTenant(ctx), kind);
      return Object.assign(new RollbackModelSuccess(), {
        promotion: Promotion.from(promotion),
        champion: ModelVersion.from(champion),
      });
    });
  }

  @FieldResolver(() => Boolean, { description: 'Whether it serves its domain now.' })
  async isChampion(@Root() { id, kind }: ModelVersion, @Ctx() ctx: GraphqlContext): Promise<boolean> {
    const promotion = await ctx.loaders.currentPromotion.load(kind);
    return promotion?.modelVersionId === id;
  }

  @Authorized<Role>(ANALYSTS)
  @FieldResolver(() => TrainingRun, {
    description: 'The run that brought it forth. Roles: TENANT_ADMIN, ANALYST.',
  })
  async run(@Root() { entity }: ModelVersion, @Ctx() ctx: GraphqlContext): Promise<TrainingRun> {
    return TrainingRun.from(await ctx.loaders.run.load(entity.runId));
  }

  @FieldResolver(() => WarmStart, {
    nullable: true,
    description:
      'The version whose weights its training was to start from, and what came of it; null where it started from drawn weights.',
  })
  async warmStart(@Root() { entity }: ModelVersion, @Ctx() ctx: GraphqlContext): Promise<WarmStart | null> {
    return WarmStart.of(await ctx.loaders.run.load(entity.runId));
  }

  @Authorized<Role>(ANALYSTS)
  @FieldResolver(() => DataPreparation, {
    nullable: true,
    description:
      'What became of the rows and how the examples were split; null for versions from before that was recorded. Roles: TENANT_ADMIN, ANALYST.',
  })
  async preparation(
    @Root() { entity }: ModelVersion,
    @Ctx() ctx: GraphqlContext,
  ): Promise<DataPreparation | null> {
    const { preparation } = await ctx.loaders.run.load(entity.runId);
    return preparation && DataPreparation.from(preparation);
  }

  @Authorized<Role>(ANALYSTS)
  @FieldResolver(() => [JoinedDataset], {
    description:
      "The datasets of the configuration's entities that its examples were joined with. Roles: TENANT_ADMIN, ANALYST.",
  })
  async entities(@Root() { entity }: ModelVersion, @Ctx() ctx: GraphqlContext): Promise<JoinedDataset[]> {
    const { entities } = await ctx.loaders.run.load(entity.runId);
    return (entities ?? []).map((each) => JoinedDataset.from(each));
  }

  @Authorized<Role>(ANALYSTS)
  @FieldResolver(() => [CleaningStep], {
    description:
      'What was mended before it learned, in the order in which it was applied; what changes values is mended in its predictions, too. Roles: TENANT_ADMIN, ANALYST.',
  })
  async cleaning(@Root() { entity }: ModelVersion, @Ctx() ctx: GraphqlContext): Promise<CleaningStep[]> {
    const { cleaning } = await ctx.loaders.run.load(entity.runId);
    return (cleaning ?? []).map((step) => CleaningStep.from(step));
  }
}

@Resolver(() => WarmStart)
export class WarmStartResolver {
  @FieldResolver(() => ModelVersion, { description: 'The version to start from.' })
  async modelVersion(
    @Root() { modelVersionId }: WarmStart,
    @Ctx() ctx: GraphqlContext,
  ): Promise<ModelVersion> {
    return ModelVersion.from(await ctx.loaders.modelVersion.load(modelVersionId));
  }
}

@Resolver(() => Promotion)
export class PromotionResolver {
  @FieldResolver(() => ModelVersion, { description: 'The version that serves, or served.' })
  async modelVersion(
    @Root() { modelVersionId }: Promotion,
    @Ctx() ctx: GraphqlContext,
  ): Promise<ModelVersion> {
    return ModelVersion.from(await ctx.loaders.modelVersion.load(modelVersionId));
  }
}
