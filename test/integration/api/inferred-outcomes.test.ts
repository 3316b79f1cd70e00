import { featureSpecSchema } from '../../../src/learning/features/feature-spec';
import { createLogger } from '../../../src/platform/telemetry/logger';
import { withOwner } from '../../../src/platform/persistence/owner-connection';
import { type Database } from '../../../src/platform/persistence/database';
import { firstIdAt } from '../../../src/services/prediction/log/prediction-id';
import { OutcomeWorker } from '../../../src/services/prediction/outcomes/outcome-worker';
import { logPrediction } from '../../support/api/log-prediction';
import { ingest, view } from '../../support/api/stored-events';
import { KIND } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { trainedModel } from '../../support/api/trained-model';

const DAY_MS = 24 * 3_600_000;
const START = Date.UTC(2025, 2, 1);
const day = (days: number): Date => new Date(START + days * DAY_MS);

const BUYS = {
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['visit'],
  label: { event: 'buy', within: { days: 2 } },
  features: [{ type: 'cyclic', name: 'hour', part: 'hourOfDay' }],
};

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

const worker = (database: Pick<Database, 'inTenant' | 'asPlatform'> = test.database): OutcomeWorker =>
  new OutcomeWorker({ database, logger: createLogger('test', 'silent') });

/** A version whose label follows from events. */
async function version(tenant = owner, spec: object = BUYS): Promise<string> {
  const { id } = await trainedModel(test, tenant);
  const featureSpec = featureSpecSchema.parse(spec);
  await withOwner(test.ownerUrl, (client) =>
    client.query('UPDATE model_versions SET feature_spec = $2 WHERE id = $1', [
      id,
      JSON.stringify(featureSpec),
    ]),
  );
  await tenant.caller.data(
    'mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }',
    { input: { kind: KIND, featureSpec: BUYS, preset: 'TINY' } },
  );
  return id;
}

let made = 0;
/** A prediction that was answered when it was of, or on another day. */
async function predict(
  modelVersionId: string,
  { subjectId = 'u1', at, answered = at }: { subjectId?: string | null; at: Date; answered?: Date },
  tenant = owner,
): Promise<string> {
  const id = await logPrediction(test, tenant, { modelVersionId, subjectId, at });
  const dated = firstIdAt(answered).slice(0, -12) + String((made += 1)).padStart(12, '0');
  await withOwner(test.ownerUrl, (client) =>
    client.query('UPDATE predictions SET id = $2 WHERE id = $1', [id, dated]),
  );
  return dated;
}

let sent = 0;
const event = (kind: string, at: Date, subjectId = 'u1') =>
  view(`sent-${(sent += 1)}`, { kind, at: at.toISOString(), subjectId });
/** The store knows everything until then. */
const clock = (days: number) => event('visit', day(days), 'somebody');
const send = async (events: ReturnType<typeof event>[], tenant = owner): Promise<void> => {
  expect(await ingest(tenant.caller, events)).toMatchObject({ accepted: events.length });
};

const outcomeOf = async (id: string, tenant = owner): Promise<unknown> =>
  (
    await tenant.caller.data<{ prediction: { outcome: unknown } }>(
      'query ($id: ID!) { prediction(id: $id) { outcome { label at source } } }',
      { id },
    )
  ).prediction.outcome;
const yes = (at: Date) => ({ label: true, at: at.toISOString(), source: 'EVENTS' });
const no = (at: Date) => ({ label: false, at: at.toISOString(), source: 'EVENTS' });

async function tell(predictionId: string, label: boolean, at: Date): Promise<unknown> {
  const { recordOutcomes } = await owner.caller.data<{ recordOutcomes: { outcomes: { state: string }[] } }>(
    `mutation ($input: RecordOutcomesInput!) { recordOutcomes(input: $input) {
      ... on RecordOutcomesSuccess { outcomes { state } } } }`,
    { input: { domain: KIND, outcomes: [{ predictionId, label, at: at.toISOString() }] } },
  );
  return recordOutcomes.outcomes[0]?.state;
}

const configure = (input: object) =>
  owner.caller.data(
    'mutation ($input: ConfigurePredictionLogInput!) { configurePredictionLog(input: $input) { __typename } }',
    { input: { domain: KIND, ...input } },
  );

describe('outcomes that follow from stored events', () => {
  it('are recorded once their window and the time for late events have passed, by the clock of the events', async () => {
    const model = await version();
    const bought = await predict(model, { at: day(1) });
    const not = await predict(model, { at: day(1), subjectId: 'u2' });
    await send([event('visit', day(0)), event('visit', day(0), 'u2'), event('buy', day(0.5), 'u2')]);
    await send([clock(3.9)]);
    expect(await worker().workOff()).toBeLessThanOrEqual(1);
    expect([await outcomeOf(bought), await outcomeOf(not)]).toEqual([null, null]);
    // Late, but in time; the second is of no window.
    await send([event('buy', day(2)), event('buy', day(3.5), 'u2'), clock(4.1)]);
    await worker().workOff();
    expect(await outcomeOf(bought)).toEqual(yes(day(2)));
    expect(await outcomeOf(not)).toEqual(no(day(3)));
    // What comes later than that changes nothing.
    await send([event('buy', day(2.5), 'u2')]);
    expect(await worker().workOff()).toBe(0);
    expect(await outcomeOf(not)).toEqual(no(day(3)));
  });

  it('are left out where the store cannot know', async () => {
    const model = await version();
    const unknown = await predict(model, { at: day(1), subjectId: 'never seen' });
    const without = await predict(model, { at: day(1), subjectId: null });
    const before = await predict(model, { at: day(-1) });
    await send([event('visit', day(0)), clock(9)]);
    await worker().workOff();
    // Of the kind that decides, none ever came: perhaps it is not sent here.
    const open = await predict(model, { at: day(1.1) });
    await worker().workOff();
    expect(await outcomeOf(open)).toBeNull();
    await send([event('buy', day(8))]);
    await worker().workOff();
    expect(await outcomeOf(open)).toEqual(no(day(3.1)));
    for (const id of [unknown, without, before]) expect(await outcomeOf(id)).toBeNull();
    const byColumn = await version(owner, { ...BUYS, label: { column: 'bought' } });
    const told = await predict(byColumn, { at: day(1) });
    await worker().workOff();
    expect(await outcomeOf(told)).toBeNull();
  });

  it('never take the place of what was told, and give way to it', async () => {
    const model = await version();
    const [first, second] = [await predict(model, { at: day(1) }), await predict(model, { at: day(1) })];
    expect(await tell(first, false, day(1.5))).toBe('RECORDED');
    await send([event('visit', day(0)), event('buy', day(2)), clock(9)]);
    await worker().workOff();
    expect(await outcomeOf(first)).toMatchObject({ label: false, source: 'GIVEN' });
    expect(await outcomeOf(second)).toEqual(yes(day(2)));
    const { liveMetrics } = await owner.caller.data<{ liveMetrics: { groups: object[] } }>(
      `query ($input: LiveMetricsInput!) { liveMetrics(input: $input) {
        ... on LiveMetrics { groups { predictions outcomes inferredOutcomes positives } } } }`,
      { input: { domain: KIND, from: day(0).toISOString(), until: day(9).toISOString() } },
    );
    expect(liveMetrics.groups).toEqual([{ predictions: 2, outcomes: 2, inferredOutcomes: 1, positives: 1 }]);
    // Also where it was so before.
    expect(await tell(second, false, day(1.5))).toBe('REPLACED');
    expect(await tell(second, true, day(1.2))).toBe('OUTDATED');
    await worker().workOff();
    expect(await outcomeOf(second)).toMatchObject({ label: false, source: 'GIVEN' });
  });

  it('wait for their own moment where that is later than the answer', async () => {
    const model = await version();
    const later = await predict(model, { at: day(10), answered: day(1) });
    const now = await predict(model, { at: day(1) });
    await send([event('visit', day(0)), event('buy', day(2)), clock(9)]);
    await worker().workOff();
    expect([await outcomeOf(now), await outcomeOf(later)]).toEqual([yes(day(2)), null]);
    await send([event('buy', day(11)), clock(14)]);
    await worker().workOff();
    expect(await outcomeOf(later)).toEqual(yes(day(11)));
    expect(await worker().workOff()).toBe(0);
  });

  it('come to the same end whichever batch a worker is lost in, and however many there are', async () => {
    const model = await version();
    const ids: string[] = [];
    for (let n = 0; n < 12; n++)
      ids.push(await predict(model, { at: day(1 + n / 100), subjectId: n % 2 === 0 ? 'u1' : 'u2' }));
    // Enough for three batches.
    await withOwner(test.ownerUrl, (client) =>
      client.query(
        `INSERT INTO predictions (tenant_id, id, domain, subject, at, model_version_id, artifact_sha256, role, threshold,
           probability, logit, categories, snapshot)
         SELECT tenant_id, (left(id::text, 24) || lpad((1000 + n)::text, 12, '0'))::uuid, domain, subject, at, model_version_id,
                artifact_sha256, role, threshold, probability, logit, categories, snapshot
           FROM predictions, generate_series(1, 450) n WHERE id = $1`,
        [ids[0]],
      ),
    );
    await send([event('visit', day(0)), event('visit', day(0), 'u2'), event('buy', day(2)), clock(9)]);
    let calls = 0;
    const dying: Pick<Database, 'inTenant' | 'asPlatform'> = {
      asPlatform: (work) => test.database.asPlatform(work),
      // All that a batch does is done, and then it is not committed.
      inTenant: (tenantId, work) =>
        test.database.inTenant(tenantId, async (scope) => {
          const done = await work(scope);
          if (tenantId === owner.id && (calls += 1) % 2 === 0) throw new Error('lost');
          return done;
        }),
    };
    for (let life = 0; life < 4; life++) await worker(dying).workOff();
    await Promise.all([worker().workOff(), worker().workOff(), worker().workOff()]);
    await worker().workOff();
    for (const [n, id] of ids.entries())
      expect(await outcomeOf(id)).toEqual(n % 2 === 0 ? yes(day(2)) : no(day(3 + n / 100)));
    const [{ count } = { count: 0 }] = await test.database.inTenant(owner.id, (scope) =>
      scope.query<{ count: number }>('SELECT count(*)::integer AS count FROM outcomes WHERE tenant_id = $1', [
        owner.id,
      ]),
    );
    expect(count).toBe(462);
  });

  it('are of each tenant by itself, in turns, and not at all where that is not wanted', async () => {
    const stranger = await test.tenant();
    const [ours, theirs] = [await version(), await version(stranger)];
    const mine = await predict(ours, { at: day(1) });
    const other = await predict(theirs, { at: day(1) }, stranger);
    await send([event('visit', day(0)), event('buy', day(2)), clock(9)]);
    await send([event('visit', day(0)), event('buy', day(2.5), 'somebody'), clock(9)], stranger);
    await configure({ inferOutcomes: false });
    await worker().workOff();
    expect(await outcomeOf(mine)).toBeNull();
    expect(await outcomeOf(other, stranger)).toEqual(no(day(3)));
    await configure({ inferOutcomes: true });
    await worker().workOff();
    expect(await outcomeOf(mine)).toEqual(yes(day(2)));
    const due = await test.database.asPlatform((scope) =>
      scope.query('SELECT tenant_id FROM due_outcomes(0) GROUP BY tenant_id HAVING count(*) > 1'),
    );
    expect(due).toEqual([]);
  });
});
