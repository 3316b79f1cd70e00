import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { OutcomesService } from '../../services/prediction/outcomes/outcomes.service';
import { SENDERS } from '../authorization';
import { type GraphqlContext } from '../context';
import { perItem } from '../limits/cost';
import { outcome } from '../results/outcome';
import { InvalidInput } from '../results/shared-errors';
import { RecordOutcomesInput, RecordOutcomesResult, RecordOutcomesSuccess } from './outcomes';

@Resolver()
export class OutcomesResolver {
  constructor(private readonly outcomes: OutcomesService) {}

  @Authorized<Role>(SENDERS)
  @Mutation(() => RecordOutcomesResult, {
    complexity: perItem('input.outcomes'),
    description:
      'Tells what became of recorded predictions, in any order, and answers when it is committed. A batch may be sent again at any time. Roles: TENANT_ADMIN, SERVICE.',
  })
  recordOutcomes(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => RecordOutcomesInput, { description: 'The batch.' }) input: RecordOutcomesInput,
  ): Promise<typeof RecordOutcomesResult> {
    return outcome([InvalidInput], async () =>
      RecordOutcomesSuccess.from(await this.outcomes.record(requireTenant(ctx), input)),
    );
  }
}
