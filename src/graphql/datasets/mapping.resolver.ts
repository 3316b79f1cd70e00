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
import { DatasetMappingsService } from '../../services/datasets/dataset-mappings.service';
import { ADMINS, ANALYSTS } from '../authorization';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { Conflict, InvalidInput } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import { Dataset } from './dataset';
import { DatasetMapping } from './mapping';

@InputType('MapColumnInput', { description: 'Where a column that the configuration reads is in the file.' })
export class MapColumnInput {
  @Field(() => String, { description: 'What the configuration calls it, as in `MappedColumn.column`.' })
  readonly column!: string;

  @Field(() => String, {
    nullable: true,
    description: 'What the file calls it. Null takes back what was said before: it is guessed again.',
  })
  readonly source?: string | null;
}

@InputType('MapDatasetInput', { description: 'What the columns of a dataset are.' })
export class MapDatasetInput {
  @Field(() => ID, { description: "The dataset's id." })
  readonly datasetId!: string;

  @Field(() => [MapColumnInput], {
    description: 'The columns to be confirmed or corrected; the others stay as they are.',
  })
  readonly columns!: readonly MapColumnInput[];
}

@ObjectType('MapDatasetSuccess', { description: 'The mapping is in force; it may need more confirmations.' })
export class MapDatasetSuccess {
  @Field(() => Dataset, { description: 'The dataset; its `mapping` says what is still open.' })
  readonly dataset!: Dataset;
}

export const MapDatasetResult = createUnionType({
  name: 'MapDatasetResult',
  description:
    'What came of `mapDataset`. `InvalidInput`: a column that is unknown, named twice, or would be read as two, such as the label as a feature; nothing was changed. `Conflict`: the file was not uploaded yet, or another request changed the mapping at the same moment.',
  types: () => [MapDatasetSuccess, InvalidInput, Conflict] as const,
});

@Resolver(() => Dataset)
export class DatasetMappingResolver {
  constructor(private readonly mappings: DatasetMappingsService) {}

  @Authorized<Role>(ANALYSTS)
  @FieldResolver(() => DatasetMapping, {
    nullable: true,
    description:
      'Which of its columns the configuration in force reads: by their names, by guess, or as people said with `mapDataset`. Null until READY. Roles: TENANT_ADMIN, ANALYST.',
  })
  async mapping(@Root() dataset: Dataset, @Ctx() ctx: GraphqlContext): Promise<DatasetMapping | null> {
    const read = await this.mappings.mapping(requireTenant(ctx), dataset.id);
    return read && DatasetMapping.from(read);
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => MapDatasetResult, {
    complexity: COST.CHANGE,
    description:
      'Confirms or corrects which columns of a dataset are those that the configuration in force reads. Runs that were requested before keep the mapping that they were requested with. Error `NOT_FOUND` when your tenant has no such dataset. Roles: TENANT_ADMIN.',
  })
  async mapDataset(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => MapDatasetInput, { description: 'What the columns are.' }) input: MapDatasetInput,
  ): Promise<typeof MapDatasetResult> {
    const datasetId = uuidArgument(input.datasetId, 'input.datasetId');
    return outcome([InvalidInput, Conflict], async () => {
      const columns = input.columns.map(({ column, source }) => ({ column, source: source ?? null }));
      const dataset = await this.mappings.map(requireTenant(ctx), datasetId, columns);
      return Object.assign(new MapDatasetSuccess(), { dataset: Dataset.from(dataset) });
    });
  }
}
