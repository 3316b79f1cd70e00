import {
  Arg,
  Authorized,
  createUnionType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { type CleaningStatus as StatusName } from '../../services/datasets/cleaning-decision.entity';
import { DatasetCleaningService } from '../../services/datasets/dataset-cleaning.service';
import { ADMINS, ANALYSTS } from '../authorization';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { Conflict, MappingUnconfirmed, UnreadableDataset } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import { CleaningProposal, CleaningStatus, DatasetCleaning } from './cleaning';
import { Dataset } from './dataset';
import { pending, ProfilePending } from './profile-pending';

export const DatasetCleaningResult = createUnionType({
  name: 'DatasetCleaningResult',
  description:
    'What could be mended in a dataset, or why nothing can be said. `Conflict`: its file was not uploaded yet.',
  types: () => [DatasetCleaning, ProfilePending, UnreadableDataset, MappingUnconfirmed, Conflict] as const,
});

@InputType('DecideCleaningInput', { description: 'What is to become of a cleaning proposal.' })
export class DecideCleaningInput {
  @Field(() => ID, { description: "The dataset's id." })
  readonly datasetId!: string;

  @Field(() => ID, { description: "The proposal's id, from `Dataset.cleaning`." })
  readonly proposalId!: string;

  @Field(() => CleaningStatus, { description: 'ACCEPTED or REFUSED; OPEN undoes either.' })
  readonly status!: StatusName;
}

@ObjectType('DecideCleaningSuccess', {
  description: 'The decision holds for trainings that are asked for from now on.',
})
export class DecideCleaningSuccess {
  @Field(() => Dataset, { description: 'The dataset; its `cleaning` shows all decisions.' })
  readonly dataset!: Dataset;
}

export const DecideCleaningResult = createUnionType({
  name: 'DecideCleaningResult',
  description:
    'What came of `decideCleaning`. `Conflict`: the proposals are still being made, or one is accepted that excludes this one.',
  types: () => [DecideCleaningSuccess, UnreadableDataset, MappingUnconfirmed, Conflict] as const,
});

@Resolver(() => Dataset)
export class DatasetCleaningResolver {
  constructor(private readonly cleanings: DatasetCleaningService) {}

  @Authorized<Role>(ANALYSTS)
  @FieldResolver(() => DatasetCleaningResult, {
    complexity: COST.DATASET,
    description:
      'What could be mended before training, each proposal with the rows that it affects. Made from the profile, and as long in the making. Roles: TENANT_ADMIN, ANALYST.',
  })
  async cleaning(
    @Root() dataset: Dataset,
    @Ctx() ctx: GraphqlContext,
  ): Promise<typeof DatasetCleaningResult> {
    return outcome<DatasetCleaning | ProfilePending, UnreadableDataset | MappingUnconfirmed | Conflict>(
      [UnreadableDataset, MappingUnconfirmed, Conflict],
      async () => {
        const decided = await this.cleanings.proposals(requireTenant(ctx), dataset.id);
        if (!decided) return pending();
        const proposals = decided.map((each) => CleaningProposal.fromDecided(each));
        return Object.assign(new DatasetCleaning(), { proposals });
      },
    );
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => DecideCleaningResult, {
    complexity: COST.CHANGE,
    description:
      'Accepts or refuses a cleaning proposal, or undoes that. Runs that were requested before keep what was accepted then. Error `NOT_FOUND` when your tenant has no such dataset, or the dataset no such proposal. Roles: TENANT_ADMIN.',
  })
  async decideCleaning(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => DecideCleaningInput, { description: 'The decision.' }) input: DecideCleaningInput,
  ): Promise<typeof DecideCleaningResult> {
    const { proposalId, status } = input;
    const datasetId = uuidArgument(input.datasetId, 'input.datasetId');
    return outcome<DecideCleaningSuccess, UnreadableDataset | MappingUnconfirmed | Conflict>(
      [UnreadableDataset, MappingUnconfirmed, Conflict],
      async () => {
        const dataset = await this.cleanings.decide(requireTenant(ctx), { datasetId, proposalId, status });
        return Object.assign(new DecideCleaningSuccess(), { dataset: Dataset.from(dataset) });
      },
    );
  }
}
