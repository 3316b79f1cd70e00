import { Authorized, Query, Resolver } from 'type-graphql';
import { type Role } from '../../platform/tenancy/role';
import { WorkersService } from '../../services/workers/workers.service';
import { ANALYSTS, PLATFORM_ADMINS } from '../authorization';
import { COST } from '../limits/cost';
import { TrainingCapacity, Worker } from './worker';

@Resolver()
export class WorkersResolver {
  constructor(private readonly service: WorkersService) {}

  @Authorized<Role>(PLATFORM_ADMINS)
  @Query(() => [Worker], {
    complexity: COST.QUERY,
    description:
      'The workers that were heard of within a day, with what they have and the ids of what they execute; the newest first. Roles: PLATFORM_ADMIN.',
  })
  async workers(): Promise<Worker[]> {
    const workers = await this.service.list();
    return workers.map((worker) => Object.assign(new Worker(), worker));
  }

  @Authorized<Role>(ANALYSTS)
  @Query(() => [TrainingCapacity], {
    complexity: COST.QUERY,
    description:
      'What there is to train on: both kinds of worker, with how many are connected and how much of them is free. Roles: TENANT_ADMIN, ANALYST.',
  })
  async trainingCapacity(): Promise<TrainingCapacity[]> {
    const capacity = await this.service.capacity();
    return capacity.map((each) => Object.assign(new TrainingCapacity(), each));
  }
}
