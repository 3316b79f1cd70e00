import { ENTITY_SPEC, EVENTS, ITEMS, receivedFile } from '../../support/api/entity-files';
import { KIND } from '../../support/api/table-dataset';
import { startTestApi, type TestApi } from '../../support/api/test-api';

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(() => test.close());

describe('entities', () => {
  it('are in the profile of the events, as these see them, with what gives the label away', async () => {
    const { caller } = await test.tenant();
    const spec = { ...ENTITY_SPEC, sequence: undefined };
    await caller.data(
      'mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }',
      { input: { kind: KIND, featureSpec: spec, preset: 'TINY' } },
    );
    const profiled = async (id: string) =>
      (
        await caller.data<{
          dataset: { profile: { columnCount: number; leaks: object[]; columns: object } };
        }>(
          `query ($id: ID!) { dataset(id: $id) { profile { ... on DatasetProfile { columnCount
             leaks { kind column auc } columns(first: 20) { nodes { name role givenCount } } } } } }`,
          { id },
        )
      ).dataset.profile;
    const events = await receivedFile(caller, EVENTS, null);
    const alone = await profiled(events);
    const own = { kind: 'FEATURE_ORDERS_LABEL', column: 'item', auc: 1 };
    expect(alone).toMatchObject({ columnCount: 5, leaks: [own] });
    await receivedFile(caller, ITEMS.replace('price', 'cost'), 'items');
    // What its columns are waits to be confirmed.
    expect(await profiled(events)).toEqual(alone);
    await receivedFile(caller, ITEMS, 'items');
    const joined = await profiled(events);
    expect(joined).toMatchObject({
      columnCount: 8,
      leaks: [
        own,
        { kind: 'FEATURE_ORDERS_LABEL', column: 'items.price', auc: expect.closeTo(0, 5) as number },
      ],
      columns: {
        nodes: expect.arrayContaining([
          { name: 'items.price', role: 'FEATURE', givenCount: 356 },
        ]) as object[],
      },
    });
    // A newer file of the entity is another profile; what was said of it before is not said of it.
    const honest = ITEMS.replace(/^(i\d+),(\d+),/gm, (_, id: string) => `${id},7,`);
    await receivedFile(caller, honest, 'items');
    expect(await profiled(events)).toMatchObject({ columnCount: 8, leaks: [own] });
  });
});
