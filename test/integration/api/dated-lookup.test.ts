import path from 'node:path';
import { discoverDomains } from '../../../src/app/discover-domains';
import { featureSpecSchema } from '../../../src/learning/features/feature-spec';
import { rawFromRecords } from '../../../src/learning/features/raw-from-records';
import { prepareExamples } from '../../../src/learning/preparation/prepare-examples';
import { SubjectHistories } from '../../../src/services/events/subject-histories';
import { completeHistory } from '../../../src/services/prediction/complete-history';
import { askSnapshot, lookAtSnapshot, sendEvents, snapshotWorker } from '../../support/api/event-snapshots';
import { generatedEvents } from '../../support/api/generated-events';
import { startTestApi, type TestApi } from '../../support/api/test-api';

const KIND = 'ECOMMERCE_PURCHASE';
const domain = discoverDomains().find(({ kind }) => kind === KIND)!;
const spec = featureSpecSchema.parse({
  ...domain.featureSpec,
  idColumn: undefined,
  momentKinds: undefined,
  momentDates: { from: '2025-01-15', until: '2025-03-10', every: { days: 9 } },
  label: { noEvent: 'purchase', within: { days: 7 } },
  features: [
    { type: 'numeric', name: 'price' },
    { type: 'numeric', name: 'tenure', column: 'tenure_days', encoding: 'piecewiseLinear' },
    { type: 'categorical', name: 'device', cleaning: { missing: ['mobile'], fill: 'none' } },
    { type: 'text', name: 'words', column: 'category' },
    { type: 'multi', name: 'brands', column: 'brand' },
    { type: 'vector', name: 'dwell', column: 'dwell_seconds', dimension: 1 },
    { type: 'timestamp', name: 'last', column: 'at', parts: ['hourOfDay'] },
    { type: 'cyclic', name: 'day', part: 'dayOfMonth' },
  ],
});

let test: TestApi;
beforeAll(async () => (test = await startTestApi()));
afterAll(() => test.close());

it('the features of a date are looked up as a snapshot is trained with them, and what is given comes first', async () => {
  const owner = await test.tenant();
  await sendEvents(owner.caller, generatedEvents(domain, 0.02), KIND);
  const { snapshot } = await askSnapshot(owner.caller, { domain: KIND });
  await snapshotWorker(test).makeWaiting();
  const { dataset } = await lookAtSnapshot(owner.caller, snapshot.id);
  const prepared = await prepareExamples({
    csvPath: await test.stores.forTenant(owner.id).localPath(dataset?.sha256 ?? ''),
    spec,
    workDirectory: path.dirname(test.uploads),
    seed: 1,
  });
  const histories = new SubjectHistories(test.database);
  const place = { tenantId: owner.id, domain: KIND, spec };
  const lookUp = {
    spec,
    now: new Date(),
    latest: histories.latest.bind(histories, place),
    derived: histories.derived.bind(histories, place),
    keyed: histories.keyed.bind(histories, place),
    dated: histories.dated.bind(histories, place),
  };
  const { train } = prepared;
  const raw = await train.readRaw(Int32Array.from({ length: train.count }, (_, i) => i));
  const questions = train.ids().map((id) => {
    const [subjectId = '', at = ''] = id.split('@');
    return { subjectId, at: new Date(at), features: {} };
  });
  const completed = await Promise.all(
    questions.map((question) => Promise.resolve(completeHistory(question, lookUp))),
  );
  expect(
    rawFromRecords(
      spec,
      completed.map(({ record }) => record),
    ),
  ).toEqual(raw);
  expect(raw.numeric['tenure']?.filter((value) => !Number.isNaN(value)).length).toBeGreaterThan(50);
  const [first] = questions;
  const given = await completeHistory({ ...first!, features: { device: 'tv', price: null } }, lookUp);
  expect(given.record.features).toMatchObject({
    device: 'tv',
    price: null,
    last: expect.any(String) as string,
  });
  await prepared.close();
});
