import {
  Args,
  Authorized,
  createUnionType,
  Ctx,
  Field,
  FieldResolver,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { DatasetProfilesService } from '../../services/datasets/dataset-profiles.service';
import { quarantinePage } from '../../services/datasets/quarantine-page';
import { ANALYSTS } from '../authorization';
import { type Connection, connectionOf, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { Conflict, MappingUnconfirmed, UnreadableDataset } from '../results/shared-errors';
import { SafeInt } from '../scalars';
import { Dataset, QuarantinedRow } from './dataset';
import { pending, ProfilePending } from './profile-pending';

export const QuarantinedRowConnection = connectionOf(QuarantinedRow, 'QuarantinedRow', 'quarantined rows');

@ObjectType('QuarantineReason', { description: 'Why rows were set aside, and how many.' })
export class QuarantineReason {
  @Field(() => String, { description: 'The reason; a value in it is replaced by an ellipsis.' })
  readonly reason!: string;

  @Field(() => SafeInt, { description: 'Rows that were set aside for it.' })
  readonly count!: number;
}

@ObjectType('DatasetQuarantine', {
  description:
    'Every row that cannot be read with the configuration and the mapping in force, without what cleaning may make readable.',
})
export class DatasetQuarantine {
  @Field(() => SafeInt, { description: 'How many they are.' })
  readonly count!: number;

  @Field(() => [QuarantineReason], { description: 'Why, the most frequent reason first; 500 at most.' })
  readonly reasons!: readonly QuarantineReason[];

  @Field(() => String, {
    description:
      "Where to get all of them, a path on this server's origin: `GET` with the API key. CSV: line, reason, text. A cell that a spreadsheet would compute begins with an apostrophe.",
  })
  readonly downloadUrl!: string;

  /** The local copy, for the page. */
  readonly path!: string;
}

export const DatasetQuarantineResult = createUnionType({
  name: 'DatasetQuarantineResult',
  description:
    'The rows of a dataset that were set aside, or why nothing can be said. `Conflict`: its file was not uploaded yet.',
  types: () => [DatasetQuarantine, ProfilePending, UnreadableDataset, MappingUnconfirmed, Conflict] as const,
});

@Resolver(() => Dataset)
export class DatasetQuarantineResolver {
  constructor(private readonly profiles: DatasetProfilesService) {}

  @Authorized<Role>(ANALYSTS)
  @FieldResolver(() => DatasetQuarantineResult, {
    complexity: COST.DATASET,
    description:
      'Every row that was set aside, with its line and the reason. Found with the profile, and as long in the making. Roles: TENANT_ADMIN, ANALYST.',
  })
  async quarantine(
    @Root() dataset: Dataset,
    @Ctx() ctx: GraphqlContext,
  ): Promise<typeof DatasetQuarantineResult> {
    return outcome<DatasetQuarantine | ProfilePending, UnreadableDataset | MappingUnconfirmed | Conflict>(
      [UnreadableDataset, MappingUnconfirmed, Conflict],
      async () => {
        const file = await this.profiles.quarantine(requireTenant(ctx), dataset.id);
        if (!file) return pending();
        const { count, reasons, path } = file;
        const downloadUrl = `/downloads/datasets/${dataset.id}/quarantine.csv`;
        return Object.assign(new DatasetQuarantine(), { count, reasons, downloadUrl, path });
      },
    );
  }
}

@Resolver(() => DatasetQuarantine)
export class QuarantinedRowsResolver {
  @FieldResolver(() => QuarantinedRowConnection, { description: 'The rows, by line.' })
  async rows(
    @Root() { path }: DatasetQuarantine,
    @Args(() => PageArgs) { first, after }: PageArgs,
  ): Promise<Connection<QuarantinedRow>> {
    return QuarantinedRowConnection.from(await quarantinePage(path, { first, after }), (row) =>
      Object.assign(new QuarantinedRow(), row),
    );
  }
}
