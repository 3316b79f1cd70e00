import { gzipSync } from 'node:zlib';
import { hasEnded, TestClient } from '../support/e2e/client';
import {
  CLEANING,
  type Counts,
  EVENTS,
  events,
  expectPlain,
  HEADER,
  KIND,
  lookAt,
  momentOf,
  start,
  TABLE,
  table,
  tenantOf,
  train,
} from '../support/e2e/hostile-files';
import { PlatformProcess, withDataDirectory } from '../support/e2e/platform';

/** What tenants bring, all the way: upload, mapping, profile, training. Each row is used, set aside or explained. */
const MAX_UPLOAD_BYTES = 4 << 20;

let platform: PlatformProcess;
let admin: TestClient;
let done: () => void;
let finished: Promise<void>;
beforeAll(async () => {
  await new Promise<void>((started, failed) => {
    const ended = new Promise<void>((resolve) => (done = resolve));
    finished = withDataDirectory(async (dataDirectory) => {
      platform = PlatformProcess.start({
        dataDirectory,
        environment: { PROPENSITY_MAX_UPLOAD_BYTES: String(MAX_UPLOAD_BYTES) },
      });
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

describe('a file that nobody can use', () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
  it.each<[string, string | Uint8Array, RegExp, object?]>([
    ['UTF-16', Buffer.from(`\ufeff${table().toString()}`, 'utf16le'), /UTF-16: save it as UTF-8/],
    [
      'Latin-1 in most rows',
      Buffer.from(table().toString().replaceAll('red', 'gr\u00fcn').replaceAll('blue', 'bl\u00e5'), 'latin1'),
      /is not UTF-8 text/,
    ],
    [
      'another delimiter in most rows',
      table((row, i) => (i % 4 ? row.replaceAll(',', ';') : row)),
      /300 of 400 rows .* 1 field where the header has 3/,
    ],
    ['a quote in the header that never closes', table((row) => row, `"${HEADER}`), /quote that never closes/],
    [
      '10,000 columns',
      `${names.join(',')}\n${names.map(() => 1).join(',')}\n`,
      /10000 columns; at most 4096/,
    ],
    [
      '10,000 columns as JSON',
      `${JSON.stringify(Object.fromEntries(names.map((name) => [name, 1])))}\n`,
      /more than 4096 columns/,
    ],
    ['a label of one class', table((row) => row.replace(/.$/, '1')), /one class only/],
    ['moments that nobody can read', events(() => 'yesterday'), /no ISO 8601 moment/, EVENTS],
    [
      'no moment of prediction',
      events().replaceAll('view', 'look'),
      /No row is a moment of prediction/,
      EVENTS,
    ],
    ['gzip that was cut', gzipSync(table()).subarray(0, 300), /cut|ends|damaged/i],
  ])(
    'is refused with the reason, and cannot be trained on: %s',
    async (_, content, message, spec = TABLE) => {
      const tenant = await tenantOf(admin, spec);
      const { id, uploadUrl } = await tenant.announceDataset(KIND);
      const response = await tenant.put(uploadUrl, content);
      const answer = (await response.json()) as { code: string; message: string };
      expect([response.status, answer.code]).toEqual([422, 'INVALID_DATA']);
      expect(answer.message).toMatch(message);
      expectPlain(answer.message);
      expect(await lookAt(tenant, id)).toMatchObject({
        state: 'REJECTED',
        rejection: { code: 'INVALID_DATA', message: answer.message },
        profile: { __typename: 'Conflict' },
        quarantine: { __typename: 'Conflict' },
      });
      expect(await start(tenant, id)).toMatchObject({ __typename: 'Conflict', code: 'CONFLICT' });
    },
  );
});

describe('a file of which some rows cannot be used is trained on without them', () => {
  const latin = (text: string) => Buffer.from(text, 'latin1');
  it.each<[string, string | Uint8Array, Partial<Counts>, object?]>([
    [
      'broken encodings',
      table((row, i) =>
        i === 4
          ? latin(`1,gr\u00fcn,0`)
          : i === 9
            ? Buffer.from([0x31, 0x2c, 0xc3])
            : i === 20
              ? '1,r\0d,0'
              : row,
      ),
      { rows: 400, quarantined: 3, used: 397 },
    ],
    [
      'mixed delimiters',
      table((row, i) => (i % 100 === 3 ? row.replaceAll(',', [';', '\t', '|', ' '][i % 4] ?? ';') : row)),
      { rows: 400, quarantined: 4, used: 396 },
    ],
    [
      'a quote that never closes',
      table((row, i) => (i === 200 ? '5,"red,0' : row)),
      { rows: 400, quarantined: 1, used: 399 },
    ],
    [
      'a line that is far too long',
      table((row, i) => (i === 7 ? `1,${'x'.repeat(3 << 20)},0` : row)),
      { rows: 400, quarantined: 1, used: 399 },
    ],
    [
      'a line of JSON that is far too long',
      table()
        .toString()
        .trim()
        .split('\n')
        .slice(1)
        .map((row, i) => {
          const [x, color, label] = row.split(',');
          return JSON.stringify({ x: Number(x), color: i === 7 ? 'x'.repeat(3 << 20) : color, label });
        })
        .join('\n'),
      { rows: 400, quarantined: 1, used: 399 },
    ],
    [
      'events from the future, and copies',
      events((iso, i) => (i % 100 === 50 ? iso.replace('2024', '2199') : iso)) +
        `u0,${momentOf(0)},view,0\nu0,${momentOf(0)},view,0\n`,
      { rows: 402, quarantined: 4, duplicates: 2, used: 396 },
      EVENTS,
    ],
  ])(
    '%s',
    async (_, content, counts, spec = TABLE) => {
      const tenant = await tenantOf(admin, spec);
      const { id, uploadUrl } = await tenant.announceDataset(KIND);
      const response = await tenant.put(uploadUrl, content);
      expect([response.status, await response.json()]).toMatchObject([200, { state: 'READY' }]);
      const { rows, quarantined } = counts;
      const looked = await lookAt(tenant, id);
      expect(looked).toMatchObject({
        state: 'READY',
        rowCount: rows,
        quarantinedCount: quarantined,
        mapping: { isComplete: true },
        profile: { __typename: 'DatasetProfile', quarantinedCount: quarantined },
        quarantine: { __typename: 'DatasetQuarantine', count: quarantined },
      });
      expect(await train(tenant, id)).toMatchObject(counts);
    },
    120_000,
  );
});

it('dates in three formats are trained on once it is accepted how to read them', async () => {
  const tenant = await tenantOf(admin, EVENTS);
  const { id, uploadUrl } = await tenant.announceDataset(KIND);
  const content = events((iso, i) =>
    i % 3 === 0
      ? iso
      : i % 3 === 1
        ? `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(0, 4)} ${iso.slice(11, 16)}`
        : String(Date.parse(iso) / 1000),
  );
  expect((await tenant.put(uploadUrl, content)).status).toBe(200);
  expect(await lookAt(tenant, id)).toMatchObject({
    quarantinedCount: 266,
    profile: { __typename: 'DatasetProfile', quarantinedCount: 266 },
  });
  const refused = await tenant.runUntil(await tenant.startTraining(KIND, id), hasEnded);
  expect(refused).toMatchObject({ state: 'FAILED', error: { code: 'INVALID_DATA' } });
  expect(refused.error?.message).toMatch(/cleaning proposals/);
  expectPlain(refused.error?.message);
  const { cleaning } = await tenant.field<{
    cleaning: { proposals: ReadonlyArray<{ id: string; kind: string; rowsAffected: number }> };
  }>(CLEANING, { id });
  const formats = cleaning.proposals.filter(({ kind }) => kind === 'READ_TIME_FORMAT');
  expect(formats.map(({ rowsAffected }) => rowsAffected)).toEqual([133, 133]);
  for (const { id: proposalId } of formats)
    await tenant.field(
      `mutation ($input: DecideCleaningInput!) { decideCleaning(input: $input) { __typename } }`,
      { input: { datasetId: id, proposalId, status: 'ACCEPTED' } },
    );
  expect(await train(tenant, id)).toMatchObject({ rows: 400, quarantined: 0, used: 400 });
}, 120_000);

it('columns of other names wait for a person, and are trained on then', async () => {
  const tenant = await tenantOf(admin, TABLE);
  const { id, uploadUrl } = await tenant.announceDataset(KIND);
  expect(
    (
      await tenant.put(
        uploadUrl,
        table((row) => row, 'q,w,e'),
      )
    ).status,
  ).toBe(200);
  expect(await lookAt(tenant, id)).toMatchObject({
    state: 'READY',
    mapping: { isComplete: false },
    profile: { __typename: 'MappingUnconfirmed' },
  });
  expect(await start(tenant, id)).toMatchObject({ __typename: 'MappingUnconfirmed' });
  const columns = [
    { column: 'x', source: 'q' },
    { column: 'color', source: 'w' },
    { column: 'label', source: 'e' },
  ];
  const mapped = await tenant.field(
    'mutation ($input: MapDatasetInput!) { mapDataset(input: $input) { __typename } }',
    { input: { datasetId: id, columns } },
  );
  expect(mapped).toEqual({ __typename: 'MapDatasetSuccess' });
  expect(await train(tenant, id)).toMatchObject({ rows: 400, quarantined: 0, used: 400 });
}, 120_000);

it('an entity whose keys match nothing is an empty join, which is told; those that match in part are counted', async () => {
  const tenant = await tenantOf(admin, {
    ...EVENTS,
    entities: [{ name: 'items', key: 'item', idColumn: 'sku' }],
    features: [
      { type: 'numeric', name: 'price' },
      { type: 'categorical', name: 'brand', column: 'items.brand' },
    ],
  });
  const receive = async (entity: string | null, content: string): Promise<string> => {
    const { dataset, uploadUrl } = await tenant.field<{ dataset: { id: string }; uploadUrl: string }>(
      `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) {
        ... on CreateDatasetSuccess { dataset { id } uploadUrl } } }`,
      { input: { kind: KIND, name: 'file', entity } },
    );
    expect((await tenant.put(uploadUrl, content)).status).toBe(200);
    return dataset.id;
  };
  const items = await receive(
    'items',
    ['sku,brand', ...Array.from({ length: 50 }, (_, i) => `other${i},b${i % 3}`), ''].join('\n'),
  );
  const lines = events().trim().split('\n');
  const content = lines.map((line, i) => `${line},${i === 0 ? 'item' : `i${i % 7}`}`).join('\n') + '\n';
  const id = await receive(null, content);
  const joinedWith = (datasetId: string) => ({ entities: [{ name: 'items', datasetId }] });
  const started = await start(tenant, id, joinedWith(items));
  const run = await tenant.runUntil(started.run?.id ?? '', hasEnded);
  expect(run).toMatchObject({ state: 'FAILED', error: { code: 'INVALID_DATA' } });
  expect(run.error?.message).toMatch(
    /No row finds its entity items: item holds "i0".* items.sku holds "other0"/,
  );
  // With one of seven that is there, the others are missing values, and counted.
  const some = await receive('items', 'sku,brand\ni0,b0\nother,b1\n');
  expect(await train(tenant, id, joinedWith(some))).toMatchObject({
    rows: 400,
    used: 400,
    entities: [{ rows: 2, matched: 57, unmatched: 343, withoutKey: 0 }],
  });
}, 120_000);

it('nothing of this ended a process or was an error of ours', () => {
  expect(platform.written).not.toMatch(/INTERNAL_SERVER_ERROR|unhandled|starting it again|"level":(50|60)/i);
});
