import { readdir } from 'node:fs/promises';
import { discoverDomains } from '../../src/app/discover-domains';
import {
  type DatasetProfilesOptions,
  DatasetProfilesService,
} from '../../src/services/datasets/dataset-profiles.service';
import { DatasetsService } from '../../src/services/datasets/datasets.service';
import { DomainCatalogue } from '../../src/services/domains/domain-catalogue';
import { DomainsService } from '../../src/services/domains/domains.service';
import { type TenantContext } from '../../src/platform/tenancy/request-context';
import { readyDataset } from '../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../support/api/test-api';
import { until } from '../support/training/until';

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(() => test.close());

const contextOf = ({ id: tenantId, keyId }: ApiTenant): TenantContext => ({
  requestId: 'test',
  actor: { id: keyId, role: 'TENANT_ADMIN', tenantId },
});

/** Profiles of the API's datasets, made by a service of its own; `opened` are the datasets in the order of their turn. */
function profiles(
  options: Partial<DatasetProfilesOptions> = {},
  beforeOpening: () => Promise<void> = () => Promise.resolve(),
): { service: DatasetProfilesService; opened: string[] } {
  const { database, stores, uploads: spoolDirectory } = test;
  const domains = new DomainsService(database, new DomainCatalogue(discoverDomains()));
  const all = new DatasetsService({
    ...{ database, stores, domains, spoolDirectory, maxUploadBytes: 1 },
    erased: { ofDomain: () => Promise.resolve(null) },
  });
  const opened: string[] = [];
  const datasets: DatasetProfilesOptions['datasets'] = {
    get: (ctx, id) => all.get(ctx, id),
    localCopy: async (ctx, id) => {
      opened.push(id);
      await beforeOpening();
      return all.localCopy(ctx, id);
    },
  };
  const service = new DatasetProfilesService({
    database,
    stores,
    domains,
    datasets,
    spoolDirectory,
    ...options,
  });
  return { service, opened };
}

/** Asks until there is one. */
const profileOf = (service: DatasetProfilesService, tenant: ApiTenant, id: string) =>
  until(
    () => service.profile(contextOf(tenant), id),
    (read) => read !== null,
  );

describe('DatasetProfilesService', () => {
  it('answers that a profile is not there yet, and makes it meanwhile, once', async () => {
    const { service, opened } = profiles({ waitMs: 0 });
    const tenant = await test.tenant();
    const id = await readyDataset(tenant.caller);
    expect(await service.profile(contextOf(tenant), id)).toBeNull();
    await profileOf(service, tenant, id);
    expect(opened).toEqual([id]);
    await service.close();
  });

  it('lets a tenant wait for its own files, and not others for them', async () => {
    const { service, opened } = profiles({ waitMs: 0 });
    const [one, other] = [await test.tenant(), await test.tenant()];
    const first = await readyDataset(one.caller);
    const second = await readyDataset(one.caller);
    const third = await readyDataset(other.caller);
    await service.profile(contextOf(one), first);
    await service.profile(contextOf(one), second);
    await service.profile(contextOf(other), third);
    await profileOf(service, other, third);
    expect(opened.slice(0, 2)).toEqual([first, third]);
    await profileOf(service, one, second);
    await service.close();
  });

  it('gives up a file that takes too long, says so, and leaves nothing behind', async () => {
    const { service } = profiles({ timeLimitMs: 1 }, () => new Promise((resolve) => setTimeout(resolve, 20)));
    const tenant = await test.tenant();
    const id = await readyDataset(tenant.caller);
    await expect(service.profile(contextOf(tenant), id)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('within 0.001 s') as unknown,
    });
    expect(await readdir(test.uploads)).toEqual([]);
    await service.close();
  });

  it('tells a failure to the next who asks, and then tries again', async () => {
    let failing = true;
    const { service, opened } = profiles({ waitMs: 0 }, () =>
      failing ? Promise.reject(new Error('the store is gone')) : Promise.resolve(),
    );
    const tenant = await test.tenant();
    const id = await readyDataset(tenant.caller);
    const told = profileOf(service, tenant, id);
    await expect(told).rejects.toThrow('the store is gone');
    expect(opened).toHaveLength(1);
    failing = false;
    await profileOf(service, tenant, id);
    await service.close();
  });

  it('ends what it is doing when it is closed, and begins nothing new', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { service, opened } = profiles({ waitMs: 60_000 }, () => held);
    const tenant = await test.tenant();
    const [first, second] = [await readyDataset(tenant.caller), await readyDataset(tenant.caller)];
    const waiting = service.profile(contextOf(tenant), first);
    await until(
      () => opened.length,
      (length) => length === 1,
    );
    const closed = service.close();
    release();
    await expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await closed;
    expect(await service.profile(contextOf(tenant), second)).toBeNull();
    expect(opened).toEqual([first]);
    expect(await readdir(test.uploads)).toEqual([]);
  });
});
