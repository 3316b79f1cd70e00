import {
  Arg,
  Args,
  Authorized,
  Ctx,
  Field,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  createUnionType,
} from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { DatasetsService } from '../../services/datasets/datasets.service';
import { ADMINS, ANALYSTS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { DomainKind } from '../domain-kind';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { InvalidInput } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import { DatasetFormatInput } from './dataset-format';
import { Dataset, DatasetConnection, uploadUrlOf } from './dataset';

@InputType('CreateDatasetInput', { description: 'A dataset to be announced.' })
export class CreateDatasetInput {
  @Field(() => DomainKind, {
    description:
      'The domain that the examples are for. If it was never configured, it is now, with its defaults.',
  })
  readonly kind!: string;

  @Field(() => String, { description: 'A name for people, 1 to 200 characters.' })
  readonly name!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The entity of the configuration in force that it holds, such as `items`: its file is then read for the columns that features name as `items.…`. Left out for rows or events, of which examples are made.',
  })
  readonly entity?: string | null;

  @Field(() => Boolean, {
    defaultValue: true,
    description:
      'Whether its file has labels. Without, no label is looked for, and it can be scored with `scoreDataset` and not be trained on.',
  })
  readonly isLabelled!: boolean;

  @Field(() => DatasetFormatInput, {
    nullable: true,
    description: 'How its file is written, where that is not to be found out from the content alone.',
  })
  readonly format?: DatasetFormatInput | null;
}

@ObjectType('CreateDatasetSuccess', { description: 'The dataset was announced; send its file now.' })
export class CreateDatasetSuccess {
  @Field(() => Dataset, { description: 'The dataset, AWAITING_UPLOAD.' })
  readonly dataset!: Dataset;

  @Field(() => String, {
    description:
      "Where to send the file, a path on this server's origin: `PUT` it as the request's body, with the API key, and with its digest in `x-content-sha256` if you have it.",
  })
  readonly uploadUrl!: string;
}

export const CreateDatasetResult = createUnionType({
  name: 'CreateDatasetResult',
  description: 'What came of `createDataset`.',
  types: () => [CreateDatasetSuccess, InvalidInput] as const,
});

@Resolver(() => Dataset)
export class DatasetResolver {
  constructor(private readonly service: DatasetsService) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => Dataset, {
    nullable: true,
    description:
      'One dataset. Error `NOT_FOUND` when your tenant has none with this id. Roles: TENANT_ADMIN, ANALYST.',
  })
  async dataset(
    @Ctx() ctx: GraphqlContext,
    @Arg('id', () => ID, { description: "The dataset's id." }) id: string,
  ): Promise<Dataset> {
    return Dataset.from(await this.service.get(requireTenant(ctx), uuidArgument(id, 'id')));
  }

  @Authorized<Role>(ANALYSTS)
  @Query(() => DatasetConnection, {
    description: 'The datasets of your tenant, newest first. Roles: TENANT_ADMIN, ANALYST.',
  })
  async datasets(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) { first, after }: PageArgs,
    @Arg('kind', () => DomainKind, { nullable: true, description: 'Only datasets of this domain.' })
    kind?: string,
  ): Promise<Connection<Dataset>> {
    return DatasetConnection.from(
      await this.service.list(requireTenant(ctx), { first, after, kind }),
      (entity) => Dataset.from(entity),
    );
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => CreateDatasetResult, {
    complexity: COST.JOB,
    description:
      'Announces a dataset and says where its file is to be sent. The file is checked against the configuration in force then. Roles: TENANT_ADMIN.',
  })
  async createDataset(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => CreateDatasetInput, { description: 'The dataset.' }) input: CreateDatasetInput,
  ): Promise<typeof CreateDatasetResult> {
    return outcome([InvalidInput], async () => {
      const dataset = Dataset.from(await this.service.create(requireTenant(ctx), input));
      return Object.assign(new CreateDatasetSuccess(), { dataset, uploadUrl: uploadUrlOf(dataset.id) });
    });
  }
}
