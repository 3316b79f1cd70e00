import { TrainingRun } from '../../../src/services/training/training-run.entity';
import { type ApiCaller } from '../../support/api/api-caller';
import { announceDataset, configureTable, KIND, TABLE_CSV } from '../../support/api/table-dataset';
import { startTestApi, type TestApi } from '../../support/api/test-api';

const MAPPING = `query ($id: ID!) {
  dataset(id: $id) {
    state rowCount
    mapping {
      version isComplete unreadColumns configuration { version }
      columns { column uses features source basis confidence reason needsConfirmation
        candidates { source confidence reason } }
    }
    profile { __typename
      ... on DatasetProfile { columns { nodes { name role } } }
      ... on MappingUnconfirmed { code issues { path } } }
  }
}`;
const MAP = `mutation ($input: MapDatasetInput!) {
  mapDataset(input: $input) { __typename
    ... on MapDatasetSuccess { dataset { mapping { version isComplete } } }
    ... on InvalidInput { code issues { path message } }
    ... on Conflict { code } }
}`;
const START = `mutation ($input: StartTrainingInput!) {
  startTraining(input: $input) { __typename
    ... on StartTrainingSuccess { run { id mapping { version columns { column source } } } }
    ... on MappingUnconfirmed { code message issues { path message } } }
}`;

interface Seen {
  readonly state: string;
  readonly rowCount: number;
  readonly mapping: {
    readonly version: number;
    readonly isComplete: boolean;
    readonly unreadColumns: readonly string[];
    readonly columns: ReadonlyArray<{ readonly column: string; readonly source: string | null }>;
  } | null;
  readonly profile: object;
}
interface Started {
  readonly startTraining: {
    readonly __typename: string;
    readonly run?: {
      readonly id: string;
      readonly mapping: { readonly version: number; readonly columns: object[] };
    };
  };
}

/** Enough rows that contents can be judged. */
const RENAMED = `amount,colour,visitor,target
${Array.from({ length: 40 }, (_, i) => `${i * 1.5},${['red', 'blue', 'green'][i % 3]},v${i},${i % 2}`).join('\n')}
`;

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(() => test.close());

async function received(caller: ApiCaller, content: string, format: object | null = null): Promise<string> {
  await configureTable(caller);
  const { id, uploadUrl } = await announceDataset(caller, 'rows', format);
  const response = await caller.http(uploadUrl, { method: 'PUT', body: content });
  expect(response.status).toBe(200);
  return id;
}
const look = async (caller: ApiCaller, id: string): Promise<Seen> =>
  (await caller.data<{ dataset: Seen }>(MAPPING, { id })).dataset;
const map = async (caller: ApiCaller, datasetId: string, columns: Record<string, string | null>) => {
  const given = Object.entries(columns).map(([column, source]) => ({ column, source }));
  return (await caller.data<{ mapDataset: object }>(MAP, { input: { datasetId, columns: given } }))
    .mapDataset;
};
const start = async (caller: ApiCaller, datasetId: string) =>
  (await caller.data<Started>(START, { input: { kind: KIND, datasetId } })).startTraining;

describe('a file with the names of the configuration', () => {
  it('needs no step: it is mapped by its names, and a run records them', async () => {
    const { caller } = await test.tenant();
    const id = await received(caller, TABLE_CSV);
    const { mapping, profile } = await look(caller, id);
    expect(mapping).toMatchObject({ version: 0, isComplete: true, unreadColumns: [] });
    expect(mapping?.columns.map(({ column, source }) => [column, source])).toEqual([
      ['label', 'label'],
      ['x', 'x'],
      ['color', 'color'],
    ]);
    expect(profile).toMatchObject({ __typename: 'DatasetProfile' });
    const { run } = await start(caller, id);
    expect(run?.mapping).toEqual({
      version: 0,
      columns: expect.arrayContaining([{ column: 'x', source: 'x' }]) as unknown,
    });
  });

  it('has none before it is there', async () => {
    const { caller } = await test.tenant();
    await configureTable(caller);
    const { id } = await announceDataset(caller);
    expect((await look(caller, id)).mapping).toBeNull();
    expect(await map(caller, id, { x: 'x' })).toMatchObject({ __typename: 'Conflict' });
  });
});

describe('a file with names of its own', () => {
  it('is received, guessed, refused for training, confirmed and then trained on', async () => {
    const owner = await test.tenant();
    const { caller } = owner;
    const id = await received(caller, RENAMED);
    const before = await look(caller, id);
    expect(before).toMatchObject({ state: 'READY', rowCount: 40 });
    expect(before.mapping).toMatchObject({ version: 0, isComplete: false });
    expect(before.mapping?.columns[0]).toMatchObject({
      column: 'label',
      uses: ['LABEL'],
      source: 'target',
      basis: 'GUESS',
      needsConfirmation: true,
      reason: expect.stringContaining('same meaning') as unknown,
    });
    expect(before.profile).toMatchObject({ __typename: 'MappingUnconfirmed', code: 'MAPPING_UNCONFIRMED' });
    expect(await start(caller, id)).toMatchObject({
      __typename: 'MappingUnconfirmed',
      code: 'MAPPING_UNCONFIRMED',
      issues: expect.arrayContaining([
        { path: 'label', message: expect.stringContaining('is perhaps "target"') as unknown },
        { path: 'x', message: 'is not in the header' },
      ]) as unknown,
    });

    expect(await map(caller, id, { label: 'target', x: 'amount' })).toMatchObject({
      dataset: { mapping: { version: 1, isComplete: false } },
    });
    expect(await map(caller, id, { color: 'colour' })).toMatchObject({
      dataset: { mapping: { version: 2, isComplete: true } },
    });
    const after = await look(caller, id);
    expect(after.mapping?.unreadColumns).toEqual(['visitor']);
    expect(after.profile).toMatchObject({
      __typename: 'DatasetProfile',
      columns: {
        nodes: [
          { name: 'amount', role: 'FEATURE' },
          { name: 'colour', role: 'FEATURE' },
          { name: 'visitor', role: 'UNUSED' },
          { name: 'target', role: 'LABEL' },
        ],
      },
    });
    const { run } = await start(caller, id);
    const used = { label: 'target', x: 'amount', color: 'colour' };
    expect(run?.mapping.version).toBe(2);
    // Corrected afterwards, the run keeps what it was requested with, and the profile is made anew.
    expect(await map(caller, id, { color: 'visitor' })).toMatchObject({ __typename: 'MapDatasetSuccess' });
    const row = await test.database.inTenant(owner.id, (scope) =>
      scope.repository(TrainingRun).getOrThrow(run?.id ?? ''),
    );
    expect(row.mapping).toEqual({ version: 2, columns: used });
    expect((await look(caller, id)).profile).toMatchObject({
      columns: { nodes: [{}, { name: 'colour', role: 'UNUSED' }, { name: 'visitor', role: 'FEATURE' }, {}] },
    });
  });

  it('says what is set aside under the new mapping, once its profile is made', async () => {
    const { caller } = await test.tenant();
    const content = RENAMED.replace('1.5,', 'cheap,').replace('4.5,', 'dear,');
    const id = await received(caller, content);
    const quarantined = async () => {
      const { profile } = await look(caller, id);
      const { dataset } = await caller.data<{ dataset: object }>(
        'query ($id: ID!) { dataset(id: $id) { rowCount quarantinedCount quarantineSample { line reason text } } }',
        { id },
      );
      return { ...dataset, profile };
    };
    expect(await quarantined()).toMatchObject({ rowCount: 40, quarantinedCount: 0, quarantineSample: [] });
    await map(caller, id, { label: 'target', x: 'amount', color: 'colour' });
    const seen = { reason: expect.stringContaining('is not a number') as unknown };
    expect(await quarantined()).toMatchObject({
      profile: { __typename: 'DatasetProfile' },
      rowCount: 40,
      quarantinedCount: 2,
      quarantineSample: [
        { line: 3, ...seen, text: 'cheap,blue,v1,1' },
        { line: 5, ...seen, text: 'dear,red,v3,1' },
      ],
    });
    // Of a configuration that reads the column as a category, nothing is.
    await caller.data(
      'mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }',
      {
        input: {
          kind: KIND,
          preset: 'TINY',
          featureSpec: {
            shape: 'TABLE',
            label: { column: 'label' },
            features: [{ type: 'categorical', name: 'x' }],
          },
        },
      },
    );
    expect(await quarantined()).toMatchObject({ quarantinedCount: 0, quarantineSample: [] });
  });

  it('may have no header at all', async () => {
    const { caller } = await test.tenant();
    const content = RENAMED.split('\n').slice(1).join('\n');
    const id = await received(caller, content, { hasHeader: false });
    const { mapping } = await look(caller, id);
    expect(mapping?.columns[0]).toMatchObject({
      column: 'label',
      source: 'column4',
      needsConfirmation: true,
    });
    await map(caller, id, { label: 'column4', x: 'column1', color: 'column2' });
    expect((await look(caller, id)).mapping).toMatchObject({ isComplete: true, unreadColumns: ['column3'] });
  });

  it('is REJECTED when it has fewer columns than are read', async () => {
    const { caller } = await test.tenant();
    await configureTable(caller);
    const { uploadUrl } = await announceDataset(caller);
    const response = await caller.http(uploadUrl, { method: 'PUT', body: 'a,b\n1,0\n2,1\n' });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'INVALID_DATA' });
  });
});

describe('mapDataset', () => {
  it('refuses what cannot be, names each entry, and changes nothing', async () => {
    const { caller } = await test.tenant();
    const id = await received(caller, RENAMED);
    expect(
      await map(caller, id, { x: 'target', label: 'target', weight: 'amount', color: 'shade' }),
    ).toMatchObject({
      __typename: 'InvalidInput',
      code: 'BAD_USER_INPUT',
      issues: expect.arrayContaining([
        { path: 'columns.0.source', message: expect.stringContaining('would know the answer') as unknown },
        { path: 'columns.2.column', message: expect.stringContaining('"weight"') as unknown },
        { path: 'columns.3.source', message: expect.stringContaining('no column "shade"') as unknown },
      ]) as unknown,
    });
    expect(await map(caller, id, {})).toMatchObject({ __typename: 'InvalidInput' });
    expect((await look(caller, id)).mapping?.version).toBe(0);
  });

  it('takes back what was said', async () => {
    const { caller } = await test.tenant();
    const id = await received(caller, RENAMED);
    await map(caller, id, { x: 'visitor' });
    await map(caller, id, { x: null });
    const { mapping } = await look(caller, id);
    expect(mapping).toMatchObject({ version: 2 });
    expect(mapping?.columns[1]).toMatchObject({ column: 'x', source: null });
  });

  it('is for admins, and nobody else’s dataset is there', async () => {
    const { caller } = await test.tenant();
    const id = await received(caller, RENAMED);
    const input = { datasetId: id, columns: [{ column: 'x', source: 'amount' }] };
    const analyst = await test.tenant('ANALYST');
    expect(await analyst.caller.code(MAP, { input })).toBe('FORBIDDEN');
    const stranger = await test.tenant();
    expect(await stranger.caller.code(MAP, { input })).toBe('NOT_FOUND');
    await map(caller, id, { x: 'amount' });
    const seen = await test.database.inTenant(stranger.id, (scope) =>
      scope.query('SELECT 1 FROM dataset_mappings'),
    );
    expect(seen).toEqual([]);
  });
});
