import {
  Arg,
  Args,
  Authorized,
  createUnionType,
  Ctx,
  FieldResolver,
  Float,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { checkPageSize } from '../../platform/persistence/keyset';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { BatchScoringService } from '../../services/scoring/batch-scoring.service';
import { ScoringScores } from '../../services/scoring/scoring-scores';
import { hasEnded } from '../../services/training/run-state';
import { ANALYSTS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { Dataset } from '../datasets/dataset';
import { DomainKind } from '../domain-kind';
import { COST } from '../limits/cost';
import { ModelVersion } from '../models/model-version';
import { QuotaExceeded } from '../quotas/quota-exceeded';
import { outcome } from '../results/outcome';
import {
  Conflict,
  InvalidConfiguration,
  InvalidInput,
  MappingUnconfirmed,
  ModelNotReady,
} from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import { BatchScoring, BatchScoringConnection, RankedScore, RankedScoreConnection } from './batch-scoring';
import {
  CancelScoringInput,
  CancelScoringResult,
  CancelScoringSuccess,
  ScoreDatasetInput,
  ScoreDatasetResult,
  ScoreDatasetSuccess,
  ScoreSubjectsInput,
  ScoreSubjectsResult,
  ScoreSubjectsSuccess,
} from './scoring-results';

export const RankedScoresResult = createUnionType({
  name: 'RankedScoresResult',
  description: 'A page of scores, or why there is none. `Conflict`: the scoring has not succeeded.',
  types: () => [RankedScoreConnection, Conflict] as const,
});

@Resolver(() => BatchScoring)
export class ScoringResolver {
  constructor(
    private readonly scorings: BatchScoringService,
    private readonly stored: ScoringScores,
  ) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => BatchScoring, {
    nullable: true,
    description:
      'One scoring. Error `NOT_FOUND` when your tenant has none with this id. Roles: TENANT_ADMIN, ANALYST.',
  })
  async batchScoring(
    @Ctx() ctx: GraphqlContext,
    @Arg('id', () => ID, { description: "The scoring's id." }) id: string,
  ): Promise<BatchScoring> {
    return BatchScoring.from(await this.scorings.get(requireTenant(ctx), uuidArgument(id, 'id')));
  }

  @Authorized<Role>(ANALYSTS)
  @Query(() => BatchScoringConnection, {
    description: 'The scorings of your tenant, newest first. Roles: TENANT_ADMIN, ANALYST.',
  })
  async batchScorings(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) { first, after }: PageArgs,
    @Arg('kind', () => DomainKind, { nullable: true, description: 'Only scorings of this domain.' })
    kind?: string,
  ): Promise<Connection<BatchScoring>> {
    return BatchScoringConnection.from(
      await this.scorings.list(requireTenant(ctx), { first, after, kind }),
      (entity) => BatchScoring.from(entity),
    );
  }

  @Authorized<Role>(ANALYSTS)
  @Mutation(() => ScoreDatasetResult, {
    complexity: COST.JOB,
    description:
      'Scores every row or moment of a dataset with a model version. Error `NOT_FOUND` when your tenant has no such dataset or version. Roles: TENANT_ADMIN, ANALYST.',
  })
  async scoreDataset(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => ScoreDatasetInput, { description: 'What is to be scored, and by what.' })
    input: ScoreDatasetInput,
  ): Promise<typeof ScoreDatasetResult> {
    const datasetId = uuidArgument(input.datasetId, 'input.datasetId');
    const modelVersionId = versionArgument(input.modelVersionId);
    const { format, priority } = input;
    return outcome(
      [InvalidInput, InvalidConfiguration, MappingUnconfirmed, ModelNotReady, Conflict, QuotaExceeded],
      async () => {
        const entities = input.entities.map(({ name, ...entity }, index) => ({
          name,
          datasetId: uuidArgument(entity.datasetId, `input.entities.${index}.datasetId`),
        }));
        const scoring = await this.scorings.scoreDataset(requireTenant(ctx), {
          ...{ datasetId, modelVersionId, format, priority, entities },
        });
        return Object.assign(new ScoreDatasetSuccess(), { scoring: BatchScoring.from(scoring) });
      },
    );
  }

  @Authorized<Role>(ANALYSTS)
  @Mutation(() => ScoreSubjectsResult, {
    complexity: COST.JOB,
    description:
      'Scores all subjects of the stored events at a moment, each as a prediction does that names it and gives nothing else. Error `NOT_FOUND` when your tenant has no such version. Roles: TENANT_ADMIN, ANALYST.',
  })
  async scoreSubjects(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => ScoreSubjectsInput, { description: 'Whose subjects, when, and by what.' })
    input: ScoreSubjectsInput,
  ): Promise<typeof ScoreSubjectsResult> {
    const modelVersionId = versionArgument(input.modelVersionId);
    const { kind, asOf, format, priority } = input;
    return outcome([InvalidInput, InvalidConfiguration, ModelNotReady, Conflict, QuotaExceeded], async () => {
      const scoring = await this.scorings.scoreSubjects(requireTenant(ctx), {
        ...{ kind, asOf, modelVersionId, format, priority },
      });
      return Object.assign(new ScoreSubjectsSuccess(), { scoring: BatchScoring.from(scoring) });
    });
  }

  @Authorized<Role>(ANALYSTS)
  @Mutation(() => CancelScoringResult, {
    complexity: COST.CHANGE,
    description:
      'Ends a scoring that has not ended. Error `NOT_FOUND` when your tenant has none with this id. Roles: TENANT_ADMIN, ANALYST.',
  })
  async cancelScoring(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => CancelScoringInput, { description: 'The scoring.' }) input: CancelScoringInput,
  ): Promise<typeof CancelScoringResult> {
    const id = uuidArgument(input.scoringId, 'input.scoringId');
    return outcome([Conflict], async () => {
      const scoring = await this.scorings.cancel(requireTenant(ctx), id);
      return Object.assign(new CancelScoringSuccess(), { scoring: BatchScoring.from(scoring) });
    });
  }

  @FieldResolver(() => RankedScoresResult, {
    complexity: ({ args, childComplexity }) =>
      COST.FILE + (args as { first: number }).first * (1 + childComplexity),
    description: 'The scores by falling probability. The hundredth page costs what the first does.',
  })
  async scores(
    @Root() { id }: BatchScoring,
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) { first, after }: PageArgs,
    @Arg('minProbability', () => Float, {
      nullable: true,
      description: 'Only scores of at least this probability, 0 to 1.',
    })
    minProbability?: number,
  ): Promise<typeof RankedScoresResult> {
    checkPageSize(first);
    return outcome<Connection<RankedScore>, Conflict>([Conflict], async () =>
      RankedScoreConnection.from(
        await this.stored.page(requireTenant(ctx), id, { first, after, minProbability }),
        (score) => RankedScore.from(score),
      ),
    );
  }

  @FieldResolver(() => ModelVersion, { description: 'What scores.' })
  async modelVersion(@Root() { entity }: BatchScoring, @Ctx() ctx: GraphqlContext): Promise<ModelVersion> {
    return ModelVersion.from(await ctx.loaders.modelVersion.load(entity.modelVersionId));
  }

  @FieldResolver(() => Dataset, {
    nullable: true,
    description: 'What is scored; null where stored subjects are.',
  })
  async dataset(@Root() { entity }: BatchScoring, @Ctx() ctx: GraphqlContext): Promise<Dataset | null> {
    return entity.datasetId === null ? null : Dataset.from(await ctx.loaders.dataset.load(entity.datasetId));
  }

  @FieldResolver(() => Int, {
    complexity: COST.QUERY,
    nullable: true,
    description: 'How many jobs of all tenants begin before it, as things stand. Null unless QUEUED.',
  })
  async queuePosition(@Root() { entity }: BatchScoring, @Ctx() ctx: GraphqlContext): Promise<number | null> {
    if (hasEnded(entity.state)) return null;
    return (await ctx.loaders.runOutlook.load(entity.id))?.place ?? null;
  }

  @FieldResolver(() => Date, {
    complexity: COST.QUERY,
    nullable: true,
    description:
      'When it will end, from how long the last scorings took. Null when it has ended, and until one has succeeded.',
  })
  async predictedEndAt(@Root() { entity }: BatchScoring, @Ctx() ctx: GraphqlContext): Promise<Date | null> {
    if (hasEnded(entity.state)) return null;
    return (await ctx.loaders.runOutlook.load(entity.id))?.predictedEndAt ?? null;
  }
}

function versionArgument(id: string | null | undefined): string | null {
  return id == null ? null : uuidArgument(id, 'input.modelVersionId');
}
