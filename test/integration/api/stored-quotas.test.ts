import { createHash } from 'node:crypto';
import { askSnapshot, lookAtSnapshot, snapshotWorker } from '../../support/api/event-snapshots';
import { limitTo, seenQuota } from '../../support/api/quotas';
import { at, ingest, type SentEvent, storeOf, view } from '../../support/api/stored-events';
import { announceDataset, configureTable, readyDataset, TABLE_CSV } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const ROWS = 4;
const BYTES = Buffer.byteLength(TABLE_CSV);
const SHA256 = createHash('sha256').update(TABLE_CSV).digest('hex');

const INGEST = `mutation ($input: IngestEventsInput!) { ingestEvents(input: $input) {
  __typename ... on UserError { code message } ... on QuotaExceeded { kind limit used resetsAt }
} }`;

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(() => test.close());

const views = (count: number, from = 0) => Array.from({ length: count }, (_, i) => view(`s-${from + i}`));
/** Every third ends in a purchase. */
const visits = (count: number): SentEvent[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `v${i}`,
    subjectId: `u${i % 5}`,
    at: at(60 * i),
    kind: 'visit',
  })).flatMap((visit, i) =>
    i % 3 ? [visit] : [visit, { ...visit, id: `p${i}`, at: at(60 * i + 5), kind: 'purchase' }],
  );
const isStored = ({ id }: ApiTenant): Promise<boolean> =>
  test.stores
    .forTenant(id)
    .get(SHA256)
    .then(
      () => true,
      () => false,
    );
async function stateOf({ caller }: ApiTenant, id: string): Promise<string> {
  const { dataset } = await caller.data<{ dataset: { state: string } }>(
    'query ($id: ID!) { dataset(id: $id) { state } }',
    { id },
  );
  return dataset.state;
}
async function announced({ caller }: ApiTenant) {
  await configureTable(caller);
  return announceDataset(caller);
}

describe('stored rows', () => {
  it('are those of datasets and events, and what is beyond the limit is not stored', async () => {
    const owner = await test.tenant();
    await readyDataset(owner.caller);
    await limitTo(test, owner, { STORED_ROWS: 4 });
    const { id, uploadUrl } = await announceDataset(owner.caller);
    const refused = await owner.caller.http(uploadUrl, { method: 'PUT', body: `${TABLE_CSV}5,red,1\n` });
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      message: expect.stringMatching(
        /^Your tenant may have 4 stored rows, and 4 are used; this takes 5\./,
      ) as unknown,
    });
    expect(refused.headers.get('ratelimit')).toContain('"stored-rows";r=0');
    expect(refused.headers.get('retry-after')).toBeNull();
    // It can be sent once there is room.
    expect(await stateOf(owner, id)).toBe('AWAITING_UPLOAD');
    await limitTo(test, owner, { STORED_ROWS: 9 });
    const taken = await owner.caller.http(uploadUrl, { method: 'PUT', body: `${TABLE_CSV}5,red,1\n` });
    expect(taken.status).toBe(200);
    expect(await seenQuota(owner.caller, 'STORED_ROWS')).toMatchObject({
      ...{ limit: 9, used: 9, remaining: 0, period: 'NONE', resetsAt: null },
    });
  });

  it('refuse a batch of events as a whole; one that is stored already goes on to be answered', async () => {
    const owner = await test.tenant();
    await limitTo(test, owner, { STORED_ROWS: 5 });
    expect(await ingest(owner.caller, views(3))).toMatchObject({ accepted: 3 });
    const beyond = await owner.caller.send(INGEST, {
      input: { domain: 'ECOMMERCE_PURCHASE', events: views(3, 3) },
    });
    expect(beyond.data).toEqual({
      ingestEvents: {
        __typename: 'QuotaExceeded',
        code: 'QUOTA_EXCEEDED',
        message: expect.stringMatching(/5 stored rows, and 3 are used; this takes 3\./) as unknown,
        ...{ kind: 'STORED_ROWS', limit: 5, used: 3, resetsAt: null },
      },
    });
    expect(beyond.headers.get('ratelimit')).toContain('"stored-rows";r=2');
    expect((await storeOf(owner.caller)).count).toBe(3);
    const fitting = await owner.caller.send(INGEST, {
      input: { domain: 'ECOMMERCE_PURCHASE', events: views(2, 3) },
    });
    expect(fitting.headers.get('ratelimit-policy')).toContain('"stored-rows";q=5');
    expect(fitting.headers.get('ratelimit')).toContain('"stored-rows";r=0');
    expect(await ingest(owner.caller, views(5))).toMatchObject({ accepted: 0, duplicates: 5 });
  });

  it('are not passed by requests at the same time, of several domains and datasets', async () => {
    const owner = await test.tenant();
    await limitTo(test, owner, { STORED_ROWS: 20 });
    const sent = await Promise.all(
      Array.from({ length: 9 }, (_, place) =>
        owner.caller.send<{ ingestEvents: { __typename: string } }>(INGEST, {
          input: {
            domain: place % 2 === 0 ? 'ECOMMERCE_PURCHASE' : 'SOCIAL_AD_CTR',
            events: Array.from({ length: 4 }, (_none, i) =>
              place % 2 === 0
                ? view(`e-${place}-${i}`)
                : { ...view(`e-${place}-${i}`), kind: 'like', values: [] },
            ),
          },
        }),
      ),
    );
    const stored = sent.filter(({ data }) => data?.ingestEvents.__typename === 'IngestEventsSuccess');
    expect(stored).toHaveLength(5);
    expect(await seenQuota(owner.caller, 'STORED_ROWS')).toMatchObject({ used: 20, remaining: 0 });
  });

  it('let a snapshot fail with the reason, and keep no file of it', async () => {
    const owner = await test.tenant();
    await ingest(owner.caller, visits(30));
    await limitTo(test, owner, { STORED_ROWS: 50 });
    const { snapshot } = await askSnapshot(owner.caller);
    await snapshotWorker(test).makeWaiting();
    expect(await lookAtSnapshot(owner.caller, snapshot.id)).toMatchObject({
      state: 'FAILED',
      error: { code: 'QUOTA_EXCEEDED' },
      dataset: null,
    });
    expect(await seenQuota(owner.caller, 'STORED_ROWS')).toMatchObject({ used: 40 });
    await limitTo(test, owner, { STORED_ROWS: 40 });
    expect(await askSnapshot(owner.caller)).toMatchObject({ __typename: 'QuotaExceeded' });
  });
});

describe('stored bytes', () => {
  it('refuse a file before it is sent where its length is told, else when it is there, and keep nothing of it', async () => {
    const owner = await test.tenant();
    const { id, uploadUrl } = await announced(owner);
    await limitTo(test, owner, { STORED_BYTES: BYTES - 1 });
    const told = await owner.caller.http(uploadUrl, { method: 'PUT', body: TABLE_CSV });
    expect([told.status, await told.json()]).toMatchObject([429, { code: 'QUOTA_EXCEEDED' }]);
    const streamed = await owner.caller.http(uploadUrl, {
      method: 'PUT',
      body: new Blob([TABLE_CSV]).stream(),
      duplex: 'half',
    });
    expect([streamed.status, await streamed.json()]).toMatchObject([429, { code: 'QUOTA_EXCEEDED' }]);
    expect(await isStored(owner)).toBe(false);
    expect(await stateOf(owner, id)).toBe('AWAITING_UPLOAD');
    await limitTo(test, owner, { STORED_BYTES: BYTES });
    expect((await owner.caller.http(uploadUrl, { method: 'PUT', body: TABLE_CSV })).status).toBe(200);
    expect(await isStored(owner)).toBe(true);
    expect(await seenQuota(owner.caller, 'STORED_BYTES')).toMatchObject({ used: BYTES, remaining: 0 });
    // The same again changes nothing, and is answered as before.
    expect((await owner.caller.http(uploadUrl, { method: 'PUT', body: TABLE_CSV })).status).toBe(200);
  });

  it('leave the file that another dataset has', async () => {
    const owner = await test.tenant();
    await readyDataset(owner.caller);
    await limitTo(test, owner, { STORED_ROWS: ROWS });
    const { uploadUrl } = await announceDataset(owner.caller);
    expect((await owner.caller.http(uploadUrl, { method: 'PUT', body: TABLE_CSV })).status).toBe(429);
    expect(await isStored(owner)).toBe(true);
  });

  it('are nobody else’s', async () => {
    const [owner, stranger] = [await test.tenant(), await test.tenant()];
    await limitTo(test, owner, { STORED_BYTES: 0, STORED_ROWS: 0 });
    await readyDataset(stranger.caller);
    expect(await seenQuota(stranger.caller, 'STORED_BYTES')).toMatchObject({ limit: null, used: BYTES });
    expect(await seenQuota(owner.caller, 'STORED_BYTES')).toMatchObject({ limit: 0, used: 0 });
  });
});
