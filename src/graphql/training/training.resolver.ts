import {
  Arg,
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { AppError } from '../../errors';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { type RunOutlook } from '../../services/training/run-outlook';
import { hasEnded } from '../../services/training/run-state';
import { type TrainingRun as RunEntity } from '../../services/training/training-run.entity';
import { type StartWanted } from '../../services/training/start-version';
import { TrainingService } from '../../services/training/training.service';
import { ANALYSTS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { Dataset } from '../datasets/dataset';
import { DomainKind } from '../domain-kind';
import { COST } from '../limits/cost';
import { DomainConfiguration } from '../domains/configuration';
import { ModelVersion } from '../models/model-version';
import { QuotaExceeded } from '../quotas/quota-exceeded';
import { outcome } from '../results/outcome';
import { Conflict, InvalidConfiguration, InvalidInput, MappingUnconfirmed } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import { MissingWorker } from './requested-device';
import { TrainingFeed } from './training-feed';
import {
  CancelTrainingInput,
  CancelTrainingResult,
  CancelTrainingSuccess,
  RetryTrainingRunInput,
  RetryTrainingRunResult,
  RetryTrainingRunSuccess,
  StartTrainingInput,
  StartTrainingResult,
  StartTrainingSuccess,
} from './training-results';
import { TrainingRun, TrainingRunConnection } from './training-run';

@Resolver(() => TrainingRun)
export class TrainingResolver {
  constructor(private readonly training: TrainingService) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => TrainingRun, {
    nullable: true,
    description:
      'One run. Error `NOT_FOUND` when your tenant has none with this id. Roles: TENANT_ADMIN, ANALYST.',
  })
  async trainingRun(
    @Ctx() ctx: GraphqlContext,
    @Arg('id', () => ID, { description: "The run's id." }) id: string,
  ): Promise<TrainingRun> {
    return TrainingRun.from(await this.training.get(requireTenant(ctx), uuidArgument(id, 'id')));
  }

  @Authorized<Role>(ANALYSTS)
  @Query(() => TrainingRunConnection, {
    description: 'The runs of your tenant, newest first. Roles: TENANT_ADMIN, ANALYST.',
  })
  async trainingRuns(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) { first, after }: PageArgs,
    @Arg('kind', () => DomainKind, { nullable: true, description: 'Only runs of this domain.' })
    kind?: string,
  ): Promise<Connection<TrainingRun>> {
    const page = await this.training.list(requireTenant(ctx), {
      first,
      after,
      ...(kind == null ? {} : { kind }),
    });
    return TrainingRunConnection.from(page, (entity) => TrainingRun.from(entity));
  }

  @Authorized<Role>(ANALYSTS)
  @Mutation(() => StartTrainingResult, {
    complexity: COST.JOB,
    description:
      'Trains a model for a domain on a dataset, as the configuration in force says. Error `NOT_FOUND` when your tenant has no such dataset. Roles: TENANT_ADMIN, ANALYST.',
  })
  async startTraining(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => StartTrainingInput, { description: 'What to train and on what.' })
    input: StartTrainingInput,
  ): Promise<typeof StartTrainingResult> {
    const datasetId = uuidArgument(input.datasetId, 'input.datasetId');
    return outcome(
      [InvalidInput, InvalidConfiguration, MappingUnconfirmed, Conflict, QuotaExceeded],
      async () => {
        const entities = input.entities.map(({ name, ...entity }, index) => ({
          name,
          datasetId: uuidArgument(entity.datasetId, `input.entities.${index}.datasetId`),
        }));
        const run = await this.training.start(requireTenant(ctx), {
          kind: input.kind,
          datasetId,
          entities,
          priority: input.priority,
          device: input.device,
          startFrom: startWanted(input),
        });
        return Object.assign(new StartTrainingSuccess(), { run: TrainingRun.from(run) });
      },
    );
  }

  @Authorized<Role>(ANALYSTS)
  @Mutation(() => RetryTrainingRunResult, {
    complexity: COST.JOB,
    description:
      'Asks again for a run that failed or was cancelled, with its dataset, mapping, cleaning and configuration as they were. One that failed goes on from its last checkpoint, for 7 days; a cancelled one begins anew. Error `NOT_FOUND` when your tenant has none with this id. Roles: TENANT_ADMIN, ANALYST.',
  })
  async retryTrainingRun(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => RetryTrainingRunInput, { description: 'The run.' }) input: RetryTrainingRunInput,
  ): Promise<typeof RetryTrainingRunResult> {
    const runId = uuidArgument(input.runId, 'input.runId');
    return outcome([Conflict, QuotaExceeded], async () => {
      const run = await this.training.retry(requireTenant(ctx), runId);
      return Object.assign(new RetryTrainingRunSuccess(), { run: TrainingRun.from(run) });
    });
  }

  @Authorized<Role>(ANALYSTS)
  @Mutation(() => CancelTrainingResult, {
    complexity: COST.CHANGE,
    description:
      'Ends a run that has not ended. Error `NOT_FOUND` when your tenant has none with this id. Roles: TENANT_ADMIN, ANALYST.',
  })
  async cancelTraining(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => CancelTrainingInput, { description: 'The run.' }) input: CancelTrainingInput,
  ): Promise<typeof CancelTrainingResult> {
    const runId = uuidArgument(input.runId, 'input.runId');
    return outcome([Conflict], async () => {
      const run = await this.training.cancel(requireTenant(ctx), runId);
      return Object.assign(new CancelTrainingSuccess(), { run: TrainingRun.from(run) });
    });
  }

  @Authorized<Role>(ANALYSTS)
  @Subscription(() => TrainingRun, {
    subscribe: ({ args, context }) => follow(context as GraphqlContext, args as { runId: string }),
    description:
      'A run as it goes on: first as it is, then whenever it changes, at last in its final state; the stream ends there. Over WebSocket (`graphql-transport-ws`). Error `NOT_FOUND` when your tenant has no such run. Roles: TENANT_ADMIN, ANALYST.',
  })
  trainingProgress(
    @Root() run: RunEntity,
    @Ctx() ctx: GraphqlContext,
    @Arg('runId', () => ID, { description: "The run's id." }) _runId: string,
  ): TrainingRun {
    // What was loaded for the event before is out of date.
    ctx.loaders.clear();
    return TrainingRun.from(run);
  }

  @FieldResolver(() => Int, {
    complexity: COST.QUERY,
    nullable: true,
    description:
      'How many runs of all tenants begin before it, as things stand; 0: it is next. Tenants take turns, so a new run of another tenant may come before it, and a tenant that executes as many as it may is passed over. Null unless QUEUED.',
  })
  async queuePosition(@Root() run: TrainingRun, @Ctx() ctx: GraphqlContext): Promise<number | null> {
    return (await outlookOf(run, ctx))?.place ?? null;
  }

  @FieldResolver(() => MissingWorker, {
    complexity: COST.QUERY,
    nullable: true,
    description:
      'What it waits for that no connected worker has. Null unless QUEUED, and while there is a worker that can execute it.',
  })
  async missingWorker(@Root() run: TrainingRun, @Ctx() ctx: GraphqlContext): Promise<MissingWorker | null> {
    const missing = (await outlookOf(run, ctx))?.missing ?? null;
    return missing && MissingWorker.from(missing);
  }

  @FieldResolver(() => Date, {
    complexity: COST.QUERY,
    nullable: true,
    description:
      'When it will begin, from how long the last runs took and how many are executed at a time. Null unless QUEUED, and until a run has succeeded.',
  })
  async predictedStartAt(@Root() run: TrainingRun, @Ctx() ctx: GraphqlContext): Promise<Date | null> {
    return (await outlookOf(run, ctx))?.predictedStartAt ?? null;
  }

  @FieldResolver(() => Date, {
    complexity: COST.QUERY,
    nullable: true,
    description:
      "When it will end, from how long the tenant's last runs took, or those of all tenants while it has none; of one that is executed, from how long the phases that are left took. Null when it has ended, and until a run has succeeded.",
  })
  async predictedEndAt(@Root() run: TrainingRun, @Ctx() ctx: GraphqlContext): Promise<Date | null> {
    return (await outlookOf(run, ctx))?.predictedEndAt ?? null;
  }

  @FieldResolver(() => Dataset, { description: 'What it is trained on.' })
  async dataset(@Root() run: TrainingRun, @Ctx() ctx: GraphqlContext): Promise<Dataset> {
    return Dataset.from(await ctx.loaders.dataset.load(run.entity.datasetId));
  }

  @FieldResolver(() => DomainConfiguration, {
    description: 'The configuration that was in force when it was asked for.',
  })
  async configuration(@Root() run: TrainingRun, @Ctx() ctx: GraphqlContext): Promise<DomainConfiguration> {
    return DomainConfiguration.from(await ctx.loaders.configuration.load(run.entity.configurationId));
  }

  @FieldResolver(() => ModelVersion, {
    nullable: true,
    description: 'What it brought forth; null unless SUCCEEDED, and of the trials of a study.',
  })
  async modelVersion(@Root() run: TrainingRun, @Ctx() ctx: GraphqlContext): Promise<ModelVersion | null> {
    const version = await ctx.loaders.modelVersionOfRun.load(run.id);
    return version && ModelVersion.from(version);
  }
}

function startWanted({ startFrom, startFromVersionId }: StartTrainingInput): StartWanted {
  if (startFromVersionId == null) return startFrom ?? 'NOTHING';
  const modelVersionId = uuidArgument(startFromVersionId, 'input.startFromVersionId');
  if (startFrom == null) return { modelVersionId };
  const message = 'names a version, so startFrom must be left out';
  throw new AppError('BAD_USER_INPUT', `The field "startFromVersionId" ${message}.`, [
    { path: 'startFromVersionId', message },
  ]);
}

async function outlookOf({ entity }: TrainingRun, ctx: GraphqlContext): Promise<RunOutlook | null> {
  return hasEnded(entity.state) ? null : ctx.loaders.runOutlook.load(entity.id);
}

function follow(context: GraphqlContext, { runId }: { runId: string }): Promise<AsyncIterable<RunEntity>> {
  return context.services.get(TrainingFeed).follow(requireTenant(context), uuidArgument(runId, 'runId'));
}
