import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { StudiesService } from '../../services/studies/studies.service';
import {
  rankingOf,
  spreadOfFolds,
  type StudyTrial as TrialData,
  trialsOf,
} from '../../services/studies/study-trials';
import { ANALYSTS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { Dataset } from '../datasets/dataset';
import { DomainKind } from '../domain-kind';
import { DomainConfiguration } from '../domains/configuration';
import { about, COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { QuotaExceeded } from '../quotas/quota-exceeded';
import { Conflict, InvalidConfiguration, InvalidInput, MappingUnconfirmed } from '../results/shared-errors';
import { TrainingRun } from '../training/training-run';
import { uuidArgument } from '../uuid-argument';
import { MetricSpread, StudyComparison, StudyTrial, TrainingStudy, TrainingStudyConnection } from './study';
import {
  CancelStudyInput,
  CancelStudyResult,
  CancelStudySuccess,
  StartStudyInput,
  StartStudyResult,
  StartStudySuccess,
} from './study-results';

/** What a study has, more or less. */
const TRIALS = about(20);

@Resolver(() => TrainingStudy)
export class StudyResolver {
  constructor(private readonly studies: StudiesService) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => TrainingStudy, {
    nullable: true,
    description:
      'One study. Error `NOT_FOUND` when your tenant has none with this id. Roles: TENANT_ADMIN, ANALYST.',
  })
  async trainingStudy(
    @Ctx() ctx: GraphqlContext,
    @Arg('id', () => ID, { description: "The study's id." }) id: string,
  ): Promise<TrainingStudy> {
    return TrainingStudy.from(await this.studies.get(requireTenant(ctx), uuidArgument(id, 'id')));
  }

  @Authorized<Role>(ANALYSTS)
  @Query(() => TrainingStudyConnection, {
    description: 'The studies of your tenant, newest first. Roles: TENANT_ADMIN, ANALYST.',
  })
  async trainingStudies(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) { first, after }: PageArgs,
    @Arg('kind', () => DomainKind, { nullable: true, description: 'Only studies of this domain.' })
    kind?: string,
  ): Promise<Connection<TrainingStudy>> {
    const page = await this.studies.list(requireTenant(ctx), {
      first,
      after,
      ...(kind == null ? {} : { kind }),
    });
    return TrainingStudyConnection.from(page, (entity) => TrainingStudy.from(entity));
  }

  @Authorized<Role>(ANALYSTS)
  @Mutation(() => StartStudyResult, {
    complexity: COST.JOB,
    description:
      'Cross-validates the configuration in force of a domain on a dataset, or searches for a better one. Each trial is a training that waits for its turn as any other. Error `NOT_FOUND` when your tenant has no such dataset. Roles: TENANT_ADMIN, ANALYST.',
  })
  async startStudy(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => StartStudyInput, { description: 'What to compare, and on what.' })
    { kind, datasetId, entities, priority, device, crossValidation, search }: StartStudyInput,
  ): Promise<typeof StartStudyResult> {
    const id = uuidArgument(datasetId, 'input.datasetId');
    return outcome(
      [InvalidInput, InvalidConfiguration, MappingUnconfirmed, Conflict, QuotaExceeded],
      async () => {
        const study = await this.studies.start(requireTenant(ctx), {
          ...{ kind, datasetId: id, priority, device, crossValidation, search },
          entities: entities.map(({ name, ...entity }, index) => ({
            name,
            datasetId: uuidArgument(entity.datasetId, `input.entities.${index}.datasetId`),
          })),
        });
        return Object.assign(new StartStudySuccess(), { study: TrainingStudy.from(study) });
      },
    );
  }

  @Authorized<Role>(ANALYSTS)
  @Mutation(() => CancelStudyResult, {
    complexity: COST.CHANGE,
    description:
      'Ends a study that has not ended, and its trainings with it. Error `NOT_FOUND` when your tenant has none with this id. Roles: TENANT_ADMIN, ANALYST.',
  })
  async cancelStudy(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => CancelStudyInput, { description: 'The study.' }) { studyId }: CancelStudyInput,
  ): Promise<typeof CancelStudyResult> {
    const id = uuidArgument(studyId, 'input.studyId');
    return outcome([Conflict], async () => {
      const study = await this.studies.cancel(requireTenant(ctx), id);
      return Object.assign(new CancelStudySuccess(), { study: TrainingStudy.from(study) });
    });
  }

  @FieldResolver(() => [StudyTrial], { complexity: TRIALS, description: 'What it compares, 2 to 256.' })
  async trials(@Root() study: TrainingStudy, @Ctx() ctx: GraphqlContext): Promise<StudyTrial[]> {
    return (await trialData(study, ctx)).map((trial) => StudyTrial.from(trial));
  }

  @FieldResolver(() => StudyComparison, {
    complexity: TRIALS,
    description: 'What those that were judged have shown; it grows while the study runs.',
  })
  async comparison(@Root() study: TrainingStudy, @Ctx() ctx: GraphqlContext): Promise<StudyComparison> {
    const trials = await trialData(study, ctx);
    return Object.assign(new StudyComparison(), {
      ranking: rankingOf(study.entity, trials).map((trial) => StudyTrial.from(trial)),
      metrics: spreadOfFolds(trials).map((spread) => MetricSpread.from(spread)),
    });
  }

  @FieldResolver(() => StudyTrial, {
    nullable: true,
    description: 'Of a search: the best on the validation part, once all have ended; else null.',
  })
  async best(@Root() study: TrainingStudy, @Ctx() ctx: GraphqlContext): Promise<StudyTrial | null> {
    const { bestTrial } = study.entity;
    if (bestTrial === null) return null;
    const best = (await trialData(study, ctx)).find(({ trial }) => trial === bestTrial);
    return best ? StudyTrial.from(best) : null;
  }

  @FieldResolver(() => TrainingRun, {
    nullable: true,
    description:
      'The training of the best, whose `modelVersion` is judged on the test part and can be promoted as any other. Null before there is one, without `refit`, and of a cross-validation.',
  })
  async refitRun(@Root() study: TrainingStudy, @Ctx() ctx: GraphqlContext): Promise<TrainingRun | null> {
    const run = (await ctx.loaders.runsOfStudy.load(study.id)).find(({ trial }) => trial === null);
    return run ? TrainingRun.from(run) : null;
  }

  @FieldResolver(() => Dataset, { description: 'What its trainings are of.' })
  async dataset(@Root() study: TrainingStudy, @Ctx() ctx: GraphqlContext): Promise<Dataset> {
    return Dataset.from(await ctx.loaders.dataset.load(study.entity.datasetId));
  }

  @FieldResolver(() => DomainConfiguration, {
    description: 'The configuration that was in force when it was asked for.',
  })
  async configuration(
    @Root() study: TrainingStudy,
    @Ctx() ctx: GraphqlContext,
  ): Promise<DomainConfiguration> {
    return DomainConfiguration.from(await ctx.loaders.configuration.load(study.entity.configurationId));
  }
}

async function trialData(study: TrainingStudy, ctx: GraphqlContext): Promise<TrialData[]> {
  return trialsOf(study.entity, await ctx.loaders.runsOfStudy.load(study.id));
}
