import { seededRandom } from '../../src/learning/training/random';
import { hasEnded, TestClient } from '../support/e2e/client';
import { PlatformProcess, withDataDirectory } from '../support/e2e/platform';
import { until } from '../support/training/until';

const KIND = 'ECOMMERCE_PURCHASE';

const INTENT = `query ($input: PurchaseIntentInput!) { purchaseIntent(input: $input) {
  ... on PurchaseIntent { probability history { source count } }
  ... on InvalidFeatures { issues { path message } } ... on UserError { code message } } }`;

interface Intent {
  readonly probability: number;
  readonly history: { readonly source: string; readonly count: number };
}

let platform: PlatformProcess;
let admin: TestClient;
let done: () => void;
let finished: Promise<void>;
beforeAll(async () => {
  await new Promise<void>((started, failed) => {
    const ended = new Promise<void>((resolve) => (done = resolve));
    finished = withDataDirectory(async (dataDirectory) => {
      platform = PlatformProcess.start({ dataDirectory });
      try {
        admin = new TestClient(await platform.url(), await platform.platformAdminKey());
        started();
        await ended;
      } finally {
        await platform.stop();
      }
    });
    finished.catch(failed);
  });
}, 120_000);
afterAll(async () => {
  done();
  await finished;
});

/** A tenant whose model of this specification was trained on the file, through the API alone, and serves. */
async function serving(slug: string, featureSpec: object, csv: string) {
  const tenant = await admin.createTenant(slug);
  const configured = await tenant.field(
    `mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename
      ... on InvalidConfiguration { issues { path message } } } }`,
    { input: { kind: KIND, featureSpec, preset: 'TINY' } },
  );
  expect(configured).toEqual({ __typename: 'ConfigureDomainSuccess' });
  const { id, uploadUrl } = await tenant.announceDataset(KIND);
  expect((await tenant.put(uploadUrl, csv)).status).toBe(200);
  const run = await tenant.runUntil(await tenant.startTraining(KIND, id), hasEnded);
  expect(run).toMatchObject({ state: 'SUCCEEDED', error: null });
  await tenant.promote(run.modelVersion?.id ?? '');
  return {
    version: await tenant.field<{ preparation: object }>(
      'query ($id: ID!) { modelVersion(id: $id) { preparation { rows quarantined used } } }',
      { id: run.modelVersion?.id },
    ),
    intent: (input: object) => tenant.field<Intent>(INTENT, { input }),
  };
}

test('a row with its history in columns, in folds by customer, is trained on and asked with its steps', async () => {
  const random = seededRandom(5);
  const spec = {
    shape: 'TABLE',
    label: { column: 'bought' },
    features: [{ type: 'categorical', name: 'plan' }],
    sequence: {
      maxLength: 3,
      fields: [
        { type: 'numeric', name: 'bill', columns: ['bill1', 'bill2', 'bill3'] },
        { type: 'categorical', name: 'state', columns: ['state1', 'state2', 'state3'] },
      ],
    },
    split: { by: 'entity', column: 'customer', folds: 3, fold: 1 },
  };
  const rows = Array.from({ length: 900 }, (_, i) => {
    const isLate = random() < 0.5;
    const bills = [1, 2, 3].map(() => ((isLate ? 60 : 20) + 10 * random()).toFixed(1));
    const states: string[] = [1, 2, 3].map(() => (isLate === random() < 0.95 ? 'late' : 'paid'));
    // The first step is not there for everybody: their history is shorter.
    if (i % 4 === 0) bills[0] = states[0] = '';
    return [`c${i % 300}`, i % 2 ? 'a' : 'b', ...bills, ...states, isLate ? 1 : 0].join();
  });
  const csv = ['customer,plan,bill1,bill2,bill3,state1,state2,state3,bought', ...rows].join('\n');
  const { intent, version } = await serving('steps', spec, csv);
  expect(version).toMatchObject({ preparation: { rows: 900, quarantined: 0, used: 900 } });
  const step = (bill: number, state: string) => ({
    values: [
      { name: 'bill', number: bill },
      { name: 'state', text: state },
    ],
  });
  const features = [{ name: 'plan', text: 'a' }];
  const late = await intent({ features, history: [step(65, 'late'), step(64, 'late'), step(66, 'late')] });
  const paid = await intent({ features, history: [step(25, 'paid'), step(24, 'paid')] });
  expect(late.history).toEqual({ source: 'GIVEN', count: 3 });
  expect(paid.history).toEqual({ source: 'GIVEN', count: 2 });
  expect(late.probability).toBeGreaterThan(0.6);
  expect(paid.probability).toBeLessThan(0.4);
  expect(await intent({ features, history: [{ values: [{ name: 'bill', text: 'much' }] }] })).toMatchObject({
    issues: [{ path: 'history.0.values.bill', message: expect.stringContaining('number') as string }],
  });
}, 240_000);

test('lists, texts, vectors and moments, of examples and of their events, are trained on and asked', async () => {
  const random = seededRandom(9);
  const kinds = [
    { type: 'multi', name: 'tags', separator: ';' },
    { type: 'text', name: 'title' },
    { type: 'vector', name: 'image', dimension: 2 },
  ];
  const spec = {
    shape: 'EVENTS',
    idColumn: 'id',
    subjectColumn: 'user',
    timeColumn: 'at',
    kindColumn: 'kind',
    momentKinds: ['visit'],
    label: { column: 'bought' },
    features: [...kinds, { type: 'timestamp', name: 'joined', column: 'joined_at' }],
    sequence: { maxLength: 4, fields: [{ type: 'categorical', name: 'kind' }, ...kinds] },
  };
  const day = 86_400_000;
  const rows = Array.from({ length: 1_600 }, (_, i) => {
    const isBuyer = random() < 0.5;
    const at = Date.UTC(2025, 0, 1) + i * 3_600_000;
    const joined = new Date(at - (isBuyer ? 900 : 3) * day).toISOString();
    return [
      `e${i}`,
      `u${i % 40}`,
      new Date(at).toISOString(),
      i % 3 === 0 ? 'view' : 'visit',
      isBuyer ? 'sale;red' : 'blue',
      isBuyer ? '"Red shoes, new"' : '"blue HAT"',
      isBuyer ? `"[1, ${random().toFixed(2)}]"` : `"[-1, ${random().toFixed(2)}]"`,
      joined,
      isBuyer ? 1 : 0,
    ].join();
  });
  const csv = ['id,user,at,kind,tags,title,image,joined_at,bought', ...rows].join('\n');
  const { intent, version } = await serving('kinds', spec, csv);
  expect(version).toMatchObject({ preparation: { rows: 1_600, quarantined: 0, used: 1_600 } });
  const at = '2025-06-01T00:00:00Z';
  const values = (isBuyer: boolean) => [
    { name: 'tags', texts: isBuyer ? ['sale', 'red'] : ['blue'] },
    { name: 'title', text: isBuyer ? 'RED shoes' : 'blue hat' },
    { name: 'image', numbers: isBuyer ? [1, 0.5] : [-1, 0.5] },
  ];
  const ask = (isBuyer: boolean) =>
    intent({
      at,
      features: [
        ...values(isBuyer),
        { name: 'joined', text: isBuyer ? '2022-12-01T00:00:00Z' : '2025-05-29T00:00:00Z' },
      ],
      history: [{ at: '2025-05-31T00:00:00Z', kind: 'view', values: values(isBuyer) }],
    });
  const [buyer, other] = [await ask(true), await ask(false)];
  expect(buyer.history).toEqual({ source: 'GIVEN', count: 1 });
  expect(buyer.probability).toBeGreaterThan(0.6);
  expect(other.probability).toBeLessThan(0.4);
  const wrong = await intent({
    at,
    features: [
      { name: 'image', numbers: [1, 2, 3] },
      { name: 'joined', text: 'yesterday' },
    ],
    history: [{ at, kind: 'view', values: [{ name: 'tags', number: 3 }] }],
  });
  expect(wrong).toMatchObject({ issues: expect.any(Array) as unknown });
  const paths = (wrong as unknown as { issues: { path: string }[] }).issues.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['features.image', 'features.joined']));
}, 240_000);

test('a moment among the values of events is trained on from stored events, and looked up', async () => {
  const tenant = await admin.createTenant('stored-moments');
  const spec = {
    shape: 'EVENTS',
    subjectColumn: 'user',
    timeColumn: 'at',
    kindColumn: 'kind',
    momentKinds: ['visit'],
    label: { column: 'bought' },
    features: [],
    sequence: { maxLength: 2, fields: [{ type: 'timestamp', name: 'published', column: 'published_at' }] },
  };
  const configured = await tenant.field(
    `mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }`,
    { input: { kind: KIND, featureSpec: spec, preset: 'TINY' } },
  );
  expect(configured).toEqual({ __typename: 'ConfigureDomainSuccess' });
  const day = 86_400_000;
  /** Who looks at what is old buys. */
  const view = (subjectId: string, ms: number, isOld: boolean) => ({
    id: `view of ${subjectId}`,
    subjectId,
    at: new Date(ms).toISOString(),
    kind: 'view',
    values: [{ name: 'published_at', text: new Date(ms - (isOld ? 900 : 3) * day).toISOString() }],
  });
  const ingest = (events: readonly object[]) =>
    tenant.field(
      `mutation ($input: IngestEventsInput!) { ingestEvents(input: $input) {
        ... on IngestEventsSuccess { accepted refused unreadColumns outcomes { issues { path } } } ... on UserError { code message } } }`,
      { input: { domain: KIND, events } },
    );
  const from = Date.UTC(2025, 0, 1);
  const visitors = Array.from({ length: 900 }, (_, i) => ({
    id: `u${i}`,
    ms: from + i * 3_600_000,
    isOld: i % 7 < 3,
  }));
  for (let first = 0; first < visitors.length; first += 300) {
    const events = visitors.slice(first, first + 300).flatMap(({ id, ms, isOld }) => [
      view(id, ms, isOld),
      {
        id: `visit of ${id}`,
        subjectId: id,
        at: new Date(ms + 600_000).toISOString(),
        kind: 'visit',
        values: [{ name: 'bought', text: isOld ? '1' : '0' }],
      },
    ]);
    expect(await ingest(events)).toMatchObject({ accepted: 600, refused: 0, unreadColumns: [] });
  }
  const broken = {
    ...view('u0', from, true),
    id: 'broken',
    values: [{ name: 'published_at', text: 'yesterday' }],
  };
  expect(await ingest([broken])).toMatchObject({
    refused: 1,
    outcomes: [{ issues: [{ path: expect.stringContaining('published_at') as string }] }],
  });

  const { snapshot } = await tenant.field<{ snapshot: { id: string } }>(
    `mutation { snapshotEvents(input: { domain: ${KIND} }) { ... on SnapshotEventsSuccess { snapshot { id } } } }`,
  );
  const made = await until(
    () =>
      tenant.field<{ state: string; dataset: { id: string } | null }>(
        'query ($id: ID!) { eventSnapshot(id: $id) { state dataset { id } } }',
        snapshot,
      ),
    ({ state }) => state === 'SUCCEEDED' || state === 'FAILED',
    100_000,
  );
  const run = await tenant.runUntil(await tenant.startTraining(KIND, made.dataset?.id ?? ''), hasEnded);
  expect(run).toMatchObject({ state: 'SUCCEEDED', error: null });
  await tenant.promote(run.modelVersion?.id ?? '');

  const now = from + 1_000 * 3_600_000;
  const ask = async (userId: string, isOld: boolean) => {
    expect(await ingest([view(userId, now, isOld)])).toMatchObject({ accepted: 1 });
    return tenant.field<Intent>(INTENT, { input: { userId, at: new Date(now + 600_000).toISOString() } });
  };
  const [old, recent] = [await ask('looks at old', true), await ask('looks at new', false)];
  expect(old.history).toEqual({ source: 'LOOKED_UP', count: 1 });
  expect(old.probability).toBeGreaterThan(0.6);
  expect(recent.probability).toBeLessThan(0.4);
}, 240_000);
