import { Arg, Args, Ctx, FieldResolver, Float, Resolver, Root } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { JobLogsService } from '../../services/jobs/log/job-logs.service';
import { type LogLevel as Level } from '../../services/jobs/log/log-line';
import { hasEnded } from '../../services/training/run-state';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { JobAttempt } from '../jobs/job-attempt';
import { JobLogLine, JobLogLineConnection, LogLevel } from '../jobs/job-log';
import { about, COST } from '../limits/cost';
import { TrainingRun } from './training-run';

/** Executions of most runs. */
const ATTEMPTS = 3;

/** What a run tells of itself. */
@Resolver(() => TrainingRun)
export class RunLogResolver {
  constructor(private readonly logs: JobLogsService) {}

  @FieldResolver(() => JobLogLineConnection, {
    description:
      'What it told of itself, oldest first: written about every second while it is executed, and kept for as long as `RUN_LOGS` are. It keeps 2,000 lines; of more, the oldest details go first, and the first line says how many.',
  })
  async log(
    @Root() run: TrainingRun,
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) { first, after }: PageArgs,
    @Arg('level', () => LogLevel, {
      defaultValue: 'INFO',
      description: 'Lines of this level and those above it.',
    })
    level: Level,
  ): Promise<Connection<JobLogLine>> {
    const page = await this.logs.lines(requireTenant(ctx), run.id, { first, after, level });
    return JobLogLineConnection.from(page, (line) => JobLogLine.from(line));
  }

  @FieldResolver(() => [JobAttempt], {
    complexity: about(ATTEMPTS),
    description:
      'Its executions, the first first, and what each took; 1,000 at most. Empty of runs from before that was recorded.',
  })
  async attempts(@Root() run: TrainingRun, @Ctx() ctx: GraphqlContext): Promise<JobAttempt[]> {
    const attempts = await ctx.loaders.attemptsOfJob.load(run.id);
    return attempts.map((attempt) => JobAttempt.from(attempt, run.entity));
  }

  @FieldResolver(() => Float, {
    complexity: COST.QUERY,
    nullable: true,
    description:
      'How much of the whole run is done, 0 to 1, from PREPARING to EXPORTING: a phase weighs what it took in the last ten runs of your tenant. 0 while it waits, 1 when it has SUCCEEDED, null when it ended otherwise. It begins anew with an execution.',
  })
  async doneShare(@Root() { entity }: TrainingRun, @Ctx() ctx: GraphqlContext): Promise<number | null> {
    if (entity.state === 'SUCCEEDED') return 1;
    if (hasEnded(entity.state)) return null;
    return (await ctx.loaders.runOutlook.load(entity.id))?.share ?? null;
  }
}
