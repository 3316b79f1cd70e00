import { Authorized, createUnionType, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { DatasetProfilesService } from '../../services/datasets/dataset-profiles.service';
import { ANALYSTS } from '../authorization';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { Conflict, MappingUnconfirmed, UnreadableDataset } from '../results/shared-errors';
import { Dataset } from './dataset';
import { DatasetProfile } from './dataset-profile';
import { pending, ProfilePending } from './profile-pending';

export const DatasetProfileResult = createUnionType({
  name: 'DatasetProfileResult',
  description: 'The profile of a dataset, or why there is none. `Conflict`: its file was not uploaded yet.',
  types: () => [DatasetProfile, ProfilePending, UnreadableDataset, MappingUnconfirmed, Conflict] as const,
});

@Resolver(() => Dataset)
export class DatasetProfileResolver {
  constructor(private readonly profiles: DatasetProfilesService) {}

  @Authorized<Role>(ANALYSTS)
  @FieldResolver(() => DatasetProfileResult, {
    complexity: COST.DATASET,
    description:
      'What is in the file and what is wrong with it, before anything is trained on it. Columns of entities are in the profiles of their own datasets. Made when it is first asked for under a configuration, then kept; a request waits five seconds for it at most. Roles: TENANT_ADMIN, ANALYST.',
  })
  async profile(@Root() dataset: Dataset, @Ctx() ctx: GraphqlContext): Promise<typeof DatasetProfileResult> {
    return outcome<DatasetProfile | ProfilePending, UnreadableDataset | MappingUnconfirmed | Conflict>(
      [UnreadableDataset, MappingUnconfirmed, Conflict],
      async () => {
        const read = await this.profiles.profile(requireTenant(ctx), dataset.id);
        return read ? DatasetProfile.from(read) : pending();
      },
    );
  }
}
