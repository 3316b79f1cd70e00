import { randomUUID } from 'node:crypto';
import { featureSpecSchema } from '../../../src/learning/features/feature-spec';
import { type Database } from '../../../src/platform/persistence/database';
import { type TenantContext } from '../../../src/platform/tenancy/request-context';
import { createTenant } from '../../../src/platform/tenancy/tenants';
import { Dataset } from '../../../src/services/datasets/dataset.entity';
import { type FakeModel } from './fake-pipeline';
import { storeDataset } from './store-dataset';

export const KIND = 'ECOMMERCE_PURCHASE';

const SPEC = featureSpecSchema.parse({
  shape: 'TABLE',
  label: { column: 'label' },
  features: [{ type: 'numeric', name: 'x' }],
});
const QUICK: FakeModel = { steps: 3, stepMs: 1, behaviour: 'succeeds', trace: null };

/** A tenant with a domain that is configured for a fake training, and a data set of that kind. */
export interface TenantFixture {
  readonly ctx: TenantContext;
  readonly datasetId: string;
  /** Trainings that start from now on go like this. */
  configure(model: Partial<FakeModel>): Promise<void>;
}

export interface TenantFixtureOptions {
  /** Data folder whose object store gets the data set's content; without one, the content is nowhere. */
  readonly dataDirectory?: string;
}

export async function tenantFixture(
  database: Database,
  { dataDirectory }: TenantFixtureOptions = {},
): Promise<TenantFixture> {
  const tenant = await createTenant(database, { slug: `t-${randomUUID()}`, name: 'Test' });
  const ctx: TenantContext = {
    requestId: `req-${randomUUID()}`,
    actor: { id: randomUUID(), role: 'TENANT_ADMIN', tenantId: tenant.id },
  };
  const sha256 = dataDirectory === undefined ? '0'.repeat(64) : await storeDataset(dataDirectory, tenant.id);
  const dataset = await database.inTenant(tenant.id, (scope) =>
    scope.repository(Dataset).insert({
      kind: KIND,
      name: 'sessions',
      state: 'READY',
      sha256,
      columns: [
        { name: 'x', type: 'numeric' },
        { name: 'label', type: 'numeric' },
      ],
      createdBy: ctx.actor.id,
    }),
  );
  let version = 0;
  const configure = async (model: Partial<FakeModel>): Promise<void> => {
    version += 1;
    await database.inTenant(tenant.id, (scope) =>
      scope.query(
        `INSERT INTO domain_configurations (tenant_id, id, kind, version, feature_spec, model_config, created_by)
         VALUES ($1, $2, $3, $4, $7, $5, $6)`,
        [tenant.id, randomUUID(), KIND, version, JSON.stringify({ ...QUICK, ...model }), ctx.actor.id, SPEC],
      ),
    );
  };
  await configure({});
  return { ctx, datasetId: dataset.id, configure };
}
