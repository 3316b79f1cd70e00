import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { SnapshotLease, SnapshotLostError } from '../../../src/services/events/snapshot-lease';
import {
  askSnapshot,
  lookAtSnapshot,
  sendEvents,
  type SnapshotAnswer,
  snapshotWorker,
} from '../../support/api/event-snapshots';
import { type SentEvent } from '../../support/api/stored-events';
import { configureTable } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { until } from '../../support/training/until';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

const worker = (options: { maxBytes?: number } = {}) => snapshotWorker(test, options);
const ask = (input: object = {}, { caller } = owner) => askSnapshot(caller, input);
const look = (id: string) => lookAtSnapshot(owner.caller, id);
const send = (events: readonly SentEvent[]) => sendEvents(owner.caller, events);
/** Asks for a snapshot, and has it made. */
async function made(input: object = {}): Promise<SnapshotAnswer> {
  const { snapshot } = await ask(input);
  expect(await worker().makeWaiting()).toBe(1);
  return look(snapshot.id);
}
async function fileOf({ dataset }: SnapshotAnswer): Promise<string[]> {
  const response = await owner.caller.http(dataset?.downloadUrl ?? '');
  return (await response.text()).split('\n').slice(0, -1);
}
const START = Date.UTC(2025, 2, 1);
const at = (minute: number): string => new Date(START + minute * 60_000).toISOString();
/** Visits every hour, of which some end in a purchase. */
const visits = (count: number, from = 0): SentEvent[] =>
  Array.from({ length: count }, (_, i) => i + from).flatMap((i) => {
    const visit = { id: `v${i}`, subjectId: `u${i % 5}`, at: at(60 * i), kind: 'visit' };
    return i % 3 ? [visit] : [visit, { ...visit, id: `p${i}`, at: at(60 * i + 5), kind: 'purchase' }];
  });

describe('a snapshot of stored events', () => {
  it('becomes a dataset of the events that were stored when it was asked for', async () => {
    await send(visits(30));
    const { snapshot } = await ask({ name: 'March' });
    expect(snapshot).toMatchObject({ state: 'QUEUED', progress: 0, watermark: 40, dataset: null });
    // What comes later is not in it.
    await send(visits(10, 30));
    expect(await worker().makeWaiting()).toBe(1);
    const done = await look(snapshot.id);
    expect(done).toMatchObject({
      state: 'SUCCEEDED',
      progress: 1,
      eventCount: 40,
      error: null,
      configuration: { version: 1 },
      dataset: {
        name: 'March',
        state: 'READY',
        rowCount: 40,
        quarantinedCount: 0,
        snapshot: { id: snapshot.id },
      },
    });
    const [header, ...lines] = await fileOf(done);
    expect(header).toMatch(/^event_id,user_id,at,kind,brand,category,device,/);
    expect(lines.map((line) => line.split(',')[0])).toEqual(visits(30).map(({ id }) => id));
    const { eventSnapshots } = await owner.caller.data<{ eventSnapshots: { nodes: { id: string }[] } }>(
      '{ eventSnapshots(domain: ECOMMERCE_PURCHASE) { nodes { id } } }',
    );
    expect(eventSnapshots.nodes).toEqual([{ id: snapshot.id }]);
    // It can be profiled and trained on like any other.
    const { startTraining } = await owner.caller.data<{ startTraining: object }>(
      `mutation ($id: ID!) { startTraining(input: { kind: ECOMMERCE_PURCHASE, datasetId: $id }) { __typename } }`,
      { id: done.dataset?.id },
    );
    expect(startTraining).toEqual({ __typename: 'StartTrainingSuccess' });
    // Nothing is left of the work.
    expect(await readdir(path.join(path.dirname(test.uploads), 'work'))).toEqual([]);
  });

  it('of the same events is the same file, and of a range has what lies in it', async () => {
    await send(visits(60));
    const [all, again] = [await made(), await made()];
    expect(again.dataset?.sha256).toBe(all.dataset?.sha256);
    expect(again.dataset?.id).not.toBe(all.dataset?.id);
    const part = await made({ from: at(60 * 10), until: at(60 * 40) });
    expect(part.state).toBe('SUCCEEDED');
    const lines = await fileOf(part);
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(
      visits(60).flatMap(({ id, at: moment }) => (moment >= at(600) && moment < at(2400) ? [id] : [])),
    );
  });

  it('is refused when there is nothing to be made of, or too much to do', async () => {
    expect((await ask()).__typename).toBe('Conflict');
    await send(visits(3));
    expect(await ask({ from: at(2), until: at(2) })).toMatchObject({ issues: [{ path: 'until' }] });
    expect(await ask({ name: ' ' })).toMatchObject({ issues: [{ path: 'name' }] });
    for (let i = 0; i < 20; i++) await ask();
    expect((await ask()).__typename).toBe('Conflict');
    const other = await test.tenant();
    await configureTable(other.caller);
    expect((await ask({}, other)).__typename).toBe('InvalidConfiguration');
    await until(
      () => worker().makeWaiting(),
      (count) => count === 0,
    );
  });

  it('fails with what its owner can do about it', async () => {
    await send([{ id: 'v', subjectId: 'u', at: at(0), kind: 'visit' }]);
    const unlabelled = await made();
    expect(unlabelled).toMatchObject({ state: 'FAILED', dataset: null, error: { code: 'INVALID_DATA' } });
    expect(unlabelled.error?.message).toContain('purchase');
    expect(await made({ from: at(1) })).toMatchObject({ state: 'FAILED', error: { code: 'INVALID_DATA' } });
    const { snapshot } = await ask();
    await worker({ maxBytes: 100 }).makeWaiting();
    expect(await look(snapshot.id)).toMatchObject({ state: 'FAILED', error: { code: 'PAYLOAD_TOO_LARGE' } });
  });

  it("is not another tenant's to see", async () => {
    await send(visits(10));
    const { snapshot } = await ask();
    const other = await test.tenant();
    const query = `{ eventSnapshot(id: "${snapshot.id}") { id } }`;
    expect(await other.caller.code(query)).toBe('NOT_FOUND');
    expect(await (await test.tenant('SERVICE')).caller.code(query)).toBe('FORBIDDEN');
    await worker().makeWaiting();
  });

  it('is made once by many workers, and by another when one dies', async () => {
    await send(visits(30));
    const { snapshot } = await ask();
    const counts = await Promise.all([worker(), worker(), worker()].map((each) => each.makeWaiting()));
    expect(counts.reduce((sum, count) => sum + count)).toBe(1);

    const second = (await ask()).snapshot;
    const key = { tenantId: owner.id, snapshotId: second.id, owner: randomUUID() };
    // As a process that is killed leaves it.
    const dead = new SnapshotLease(test.database, key, 300);
    expect(await dead.take()).toMatchObject({ state: 'RUNNING', attempt: 1 });
    expect(await worker().makeWaiting()).toBe(0);
    expect(await look(second.id)).toMatchObject({ state: 'RUNNING' });
    await until(
      () => worker().makeWaiting(),
      (count) => count === 1,
    );
    expect(await look(second.id)).toMatchObject({ state: 'SUCCEEDED', eventCount: 40 });
    // The dead one, were it alive after all, could no longer change anything.
    const record = jest.fn();
    for (const late of [
      () => dead.report({ position: 1, eventCount: 1 }),
      () => dead.succeed(record),
      () => dead.fail('INVALID_DATA', 'late'),
    ])
      await expect(late()).rejects.toThrow(SnapshotLostError);
    expect(record).not.toHaveBeenCalled();
    await dead.release();
    expect((await look(second.id)).dataset?.sha256).toBe((await look(snapshot.id)).dataset?.sha256);
  });

  it('is given back by a worker that is closed, and fails when it was begun in vain too often', async () => {
    await send(visits(30));
    const { snapshot } = await ask();
    const closing = worker();
    const release = jest.spyOn(test.database, 'asOfOneMoment').mockImplementation(() => {
      void closing.close();
      return Promise.reject(new Error('cut off'));
    });
    await closing.makeWaiting();
    release.mockRestore();
    expect(await look(snapshot.id)).toMatchObject({ state: 'QUEUED' });
    for (let i = 0; i < 5; i++) {
      const key = { tenantId: owner.id, snapshotId: snapshot.id, owner: randomUUID() };
      expect(await new SnapshotLease(test.database, key, 0).take()).toMatchObject({ attempt: i + 1 });
    }
    await worker().makeWaiting();
    expect(await look(snapshot.id)).toMatchObject({ state: 'FAILED', error: { code: 'UNAVAILABLE' } });
  });
});
