import { AppError } from '../../errors';
import { checkDecisions } from '../../learning/preparation/mapping/resolve-mapping';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { isUniqueViolation } from '../../platform/persistence/database-errors';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type DomainConfiguration } from '../domains/domain-configuration.entity';
import { type DomainsService } from '../domains/domains.service';
import { Dataset } from './dataset.entity';
import { DatasetMappingRecord } from './dataset-mapping.entity';
import { specOfDataset } from './dataset-spec';
import { type DatasetProfilesService } from './dataset-profiles.service';
import { type MappingInForce, mappingInForce } from './mapping-in-force';

/** What a person says that a column is called in the file; null takes back what was said. */
export interface MappingInput {
  readonly column: string;
  readonly source: string | null;
}

export interface ReadMapping {
  readonly mapping: MappingInForce;
  /** The one that reads the columns. */
  readonly configuration: DomainConfiguration;
}

/** Which columns of the datasets are those that the configurations read. */
export class DatasetMappingsService {
  constructor(
    private readonly database: Database,
    private readonly domains: Pick<DomainsService, 'ensureCurrent'>,
    private readonly profiles: Pick<DatasetProfilesService, 'begin'>,
  ) {}

  /**
   * The mapping of a dataset for the configuration in force; null before it is READY.
   * @throws AppError NOT_FOUND
   */
  async mapping(ctx: TenantContext, datasetId: string): Promise<ReadMapping | null> {
    const { tenantId } = ctx.actor;
    const dataset = await this.database.inTenant(tenantId, (scope) =>
      scope.repository(Dataset).getOrThrow(datasetId),
    );
    if (dataset.state !== 'READY') return null;
    const configuration = await this.domains.ensureCurrent(ctx, dataset.kind);
    const mapping = await this.database.inTenant(tenantId, (scope) =>
      mappingInForce(scope, dataset, specOfDataset(configuration.featureSpec, dataset)),
    );
    return { mapping, configuration };
  }

  /**
   * Confirms or corrects columns; what is not named stays as it was.
   * @throws AppError NOT_FOUND; BAD_USER_INPUT with an issue for each entry that cannot be; CONFLICT when the dataset is
   * not READY or another request said something at the same moment
   */
  async map(ctx: TenantContext, datasetId: string, columns: readonly MappingInput[]): Promise<Dataset> {
    const { tenantId, id: decidedBy } = ctx.actor;
    const dataset = await this.database.inTenant(tenantId, (scope) =>
      scope.repository(Dataset).getOrThrow(datasetId),
    );
    if (dataset.state !== 'READY')
      throw new AppError('CONFLICT', 'The dataset has no columns yet: upload its file first.');
    const configuration = await this.domains.ensureCurrent(ctx, dataset.kind);
    const featureSpec = specOfDataset(configuration.featureSpec, dataset);
    if (columns.length === 0)
      throw new AppError('BAD_USER_INPUT', 'No column is named.', [{ path: 'columns', message: 'is empty' }]);
    try {
      const mapped = await this.database.inTenant(tenantId, async (scope) => {
        const { version, decisions: before } = await mappingInForce(scope, dataset, featureSpec);
        const seen = dataset.columnSketches ?? dataset.columns ?? [];
        const decisions = checkDecisions(featureSpec, seen, { before, now: columns });
        await scope
          .repository(DatasetMappingRecord)
          .insert({ datasetId, version: version + 1, decisions, decidedBy });
        recordChange(scope, ctx, {
          action: 'DATASET_MAPPED',
          objectId: datasetId,
          before: { version, decisions: before },
          after: { version: version + 1, decisions },
        });
        return dataset;
      });
      this.profiles.begin(ctx, datasetId);
      return mapped;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new AppError(
        'CONFLICT',
        'The dataset was mapped by another request at the same moment: look at its mapping and try again.',
      );
    }
  }
}
