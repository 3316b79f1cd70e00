import { Arg, Args, Authorized, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { SchedulesService } from '../../services/schedules/schedules.service';
import { ADMINS, ANALYSTS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { about, COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { InvalidInput } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import {
  DeleteScheduleInput,
  DeleteScheduleResult,
  DeleteScheduleSuccess,
  Retraining,
  RetrainingConnection,
  RetrainingSchedule,
  SetRetrainingScheduleInput,
  SetRetrainingScheduleResult,
  SetRetrainingScheduleSuccess,
} from './schedule';

@Resolver()
export class ScheduleResolver {
  constructor(private readonly service: SchedulesService) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => [RetrainingSchedule], {
    complexity: about(10),
    description: 'When your tenant’s domains are trained again. Roles: TENANT_ADMIN, ANALYST.',
  })
  async schedules(@Ctx() ctx: GraphqlContext): Promise<RetrainingSchedule[]> {
    return (await this.service.list(requireTenant(ctx))).map((entity) => RetrainingSchedule.from(entity));
  }

  @Authorized<Role>(ANALYSTS)
  @Query(() => RetrainingConnection, {
    description:
      'What a schedule has done, newest first. Error `NOT_FOUND` when your tenant has no such schedule. Roles: TENANT_ADMIN, ANALYST.',
  })
  async retrainings(
    @Ctx() ctx: GraphqlContext,
    @Arg('scheduleId', () => ID, { description: 'The schedule.' }) scheduleId: string,
    @Args(() => PageArgs) { first, after }: PageArgs,
  ): Promise<Connection<Retraining>> {
    const id = uuidArgument(scheduleId, 'scheduleId');
    const page = await this.service.retrainings(requireTenant(ctx), id, { first, after });
    return RetrainingConnection.from(page, (entity) => Retraining.from(entity));
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => SetRetrainingScheduleResult, {
    complexity: COST.CHANGE,
    description:
      'Has a domain trained again by the clock, on drift, or both. Error `NOT_FOUND` when your tenant has no such dataset. Roles: TENANT_ADMIN.',
  })
  setRetrainingSchedule(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => SetRetrainingScheduleInput, { description: 'When, and on what.' })
    input: SetRetrainingScheduleInput,
  ): Promise<typeof SetRetrainingScheduleResult> {
    return outcome([InvalidInput], async () => {
      const { domain, cron, timeZone, onDrift, coolDownHours, promote, startFrom } = input;
      const datasetId = input.datasetId == null ? null : uuidArgument(input.datasetId, 'input.datasetId');
      const schedule = await this.service.set(requireTenant(ctx), {
        ...{ domain, cron, timeZone, onDrift, coolDownHours, promote, startFrom, datasetId },
      });
      return Object.assign(new SetRetrainingScheduleSuccess(), {
        schedule: RetrainingSchedule.from(schedule),
      });
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => DeleteScheduleResult, {
    complexity: COST.CHANGE,
    description:
      'Ends a schedule. Error `NOT_FOUND` when your tenant has no such schedule. Roles: TENANT_ADMIN.',
  })
  async deleteSchedule(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => DeleteScheduleInput, { description: 'Which.' }) input: DeleteScheduleInput,
  ): Promise<typeof DeleteScheduleResult> {
    const id = uuidArgument(input.scheduleId, 'input.scheduleId');
    const schedule = await this.service.delete(requireTenant(ctx), id);
    return Object.assign(new DeleteScheduleSuccess(), { schedule: RetrainingSchedule.from(schedule) });
  }
}
