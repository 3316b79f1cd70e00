import { createLogger } from '../../../src/platform/telemetry/logger';
import { ChallengerWatch } from '../../../src/services/challengers/challenger-watch';
import { linearArtifact } from '../../support/linear-artifact';
import { ApiCaller } from '../../support/api/api-caller';
import { type ApiProcess, startApiProcess } from '../../support/api/api-process';
import {
  CHALLENGER,
  type ChallengerAnswer,
  changeChallenger,
  challengerOf,
} from '../../support/api/challengers';
import { promoteLinear, rowInput } from '../../support/api/served-models';
import { KIND } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { trainedModel } from '../../support/api/trained-model';
import { until as repeat } from '../../support/training/until';

const USERS = Array.from({ length: 120 }, (_, index) => `u${index}`);

let test: TestApi;
let processes: ApiProcess[];
let owner: ApiTenant;
let champion: string;
let other: string;
beforeAll(async () => {
  test = await startTestApi();
  processes = await Promise.all([startApiProcess(test), startApiProcess(test)]);
});
beforeEach(async () => {
  owner = await test.tenant();
  champion = await promoteLinear(test, owner, 2);
  other = (await trainedModel(test, owner, { artifactFile: linearArtifact(3) })).id;
});
afterAll(async () => {
  for (const { process } of processes) process.kill('SIGKILL');
  await test.close();
});

const until = (holds: () => Promise<boolean>) => repeat(holds, (held) => held);
const change = (name: string, input: object, tenant = owner) => changeChallenger(tenant, name, input);
const start = (input: object = {}, tenant = owner) =>
  change('startChallenger', { modelVersionId: other, mode: 'CANARY', share: 0.3, ...input }, tenant);
const challenger = (tenant = owner) => challengerOf(tenant);

interface Told {
  readonly servedBy: string;
  readonly subjectId: string;
  readonly modelVersion: { readonly id: string };
}

const callerOf = (index: number) => new ApiCaller(processes[index]!.url, owner.caller.key);

async function askAll(index: number, users: readonly string[] = USERS): Promise<Told[]> {
  const { purchaseIntents } = await callerOf(index).data<{ purchaseIntents: Told[] }>(
    `query ($inputs: [PurchaseIntentInput!]!) { purchaseIntents(inputs: $inputs) {
       ... on PurchaseIntent { servedBy subjectId modelVersion { id } } } }`,
    { inputs: users.map((userId) => rowInput(1, 'red', { userId })) },
  );
  return purchaseIntents;
}

const versionsOf = (told: readonly Told[]) => told.map(({ modelVersion }) => modelVersion.id);
const isTried = (told: readonly Told[]): boolean => versionsOf(told).includes(other);
/** Once both processes have heard of it. */
const untilTried = (wanted: boolean) =>
  until(async () => (await Promise.all([askAll(0), askAll(1)])).every((told) => isTried(told) === wanted));

const rows = () =>
  test.database.inTenant(owner.id, (scope) =>
    scope.query<{
      id: string;
      role: string;
      shadow_of: string | null;
      trial_id: string | null;
      subject: string;
    }>('SELECT id, role, shadow_of, trial_id, subject FROM predictions ORDER BY id'),
  );

describe('a canary', () => {
  it('answers for the same subjects in all processes and queries, and no longer once it has ended', async () => {
    await Promise.all([askAll(0), askAll(1)]);
    expect(await start()).toMatchObject({
      challenger: {
        isRunning: true,
        ending: null,
        modelVersion: { id: other },
        trial: { number: 1, mode: 'CANARY' },
      },
    });
    await untilTried(true);
    const [first, second] = [await askAll(0), await askAll(1)];
    expect(second).toEqual(first);
    const tried = new Set(
      first.filter(({ servedBy }) => servedBy === 'CHALLENGER').map((each) => each.subjectId),
    );
    expect(
      first.every((each) => each.modelVersion.id === (tried.has(each.subjectId) ? other : champion)),
    ).toBe(true);
    expect(tried.size).toBeGreaterThan(15);
    expect(tried.size).toBeLessThan(60);
    const some = [...[...tried].slice(0, 4), ...USERS.filter((user) => !tried.has(user)).slice(0, 4)];
    for (const userId of some) {
      const answer = await callerOf(1).data<Record<string, { modelVersion: object }>>(
        `query ($one: PurchaseIntentInput!, $items: RecommendItemsInput!) {
           one: purchaseIntent(input: $one) { ... on PurchaseIntent { modelVersion { id } } }
           items: recommendItems(input: $items) { ... on RecommendedItems { modelVersion { id } } } }`,
        {
          one: rowInput(1, 'red', { userId }),
          items: rowInput(1, 'red', { userId }),
        },
      );
      const modelVersion = { id: tried.has(userId) ? other : champion };
      expect(answer).toMatchObject({
        one: { modelVersion },
        items: { modelVersion },
      });
    }
    const before = [...tried];
    expect((await change('changeChallenger', { share: 0.7 })).challenger.trial).toMatchObject({
      number: 2,
      share: 0.7,
    });
    await until(
      async () => (await askAll(0)).filter((each) => each.servedBy === 'CHALLENGER').length > tried.size,
    );
    const more = (await askAll(0))
      .filter(({ servedBy }) => servedBy === 'CHALLENGER')
      .map((each) => each.subjectId);
    expect(more).toEqual(expect.arrayContaining(before));
    await change('endChallenger', { reason: 'seen enough' });
    await untilTried(false);
    expect(await challenger()).toMatchObject({
      ...{ isRunning: false, ending: 'ENDED', endedBy: owner.keyId, reason: 'seen enough' },
    });
  });

  it('is compared with as many subjects of the champion, and becomes the champion', async () => {
    await start();
    await untilTried(true);
    const told = await askAll(0);
    const tried = told.filter(({ servedBy }) => servedBy === 'CHALLENGER').length;
    await until(async () => ((await challenger())?.figures?.challenger.asked ?? 0) >= tried);
    const recorded = await rows();
    expect(recorded.every((row) => row.shadow_of === null && row.trial_id !== null)).toBe(true);
    const figures = (await challenger())?.figures;
    expect(figures).toMatchObject({
      verdict: 'COLLECTING',
      challenger: { errors: 0 },
      champion: { errors: 0 },
    });
    const share = figures!.champion.asked / (figures!.champion.asked + figures!.challenger.asked);
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThan(0.7);
    expect(await change('promoteChallenger', {})).toMatchObject({
      challenger: { isRunning: false, ending: 'PROMOTED' },
    });
    await until(async () => versionsOf(await askAll(1)).every((version) => version === other));
    expect((await askAll(1)).every(({ servedBy }) => servedBy === 'CHAMPION')).toBe(true);
  });
});

describe('a canary that cannot answer', () => {
  it('is ended; nobody went without an answer', async () => {
    other = (await trainedModel(test, owner, { artifactFile: linearArtifact(NaN) })).id;
    await start({ share: 0.9 });
    await until(async () => {
      const told = await askAll(0);
      expect(told.every(({ servedBy }) => servedBy === 'CHAMPION')).toBe(true);
      return ((await challenger())?.figures?.challenger.errors ?? 0) > 50;
    });
    await until(async () => {
      await askAll(0);
      return (await challenger())?.figures?.verdict === 'WORSE';
    });
    const watch = new ChallengerWatch({ database: test.database, logger: createLogger('test', 'silent') });
    expect(await watch.look()).toBe(1);
    expect(await challenger()).toMatchObject({ ending: 'ROLLED_BACK', figures: { because: 'ERROR_RATE' } });
  });
});

describe('a shadow', () => {
  it('answers nobody, and is recorded beside what the champion answered', async () => {
    await start({ mode: 'SHADOW', share: 0.5 });
    await until(async () => {
      expect(isTried(await askAll(0))).toBe(false);
      return (await rows()).some(({ role }) => role === 'CHALLENGER');
    });
    await until(async () => {
      const { asked = 0 } = (await challenger())?.figures?.challenger ?? {};
      return asked > 0;
    });
    const recorded = await rows();
    const shown = new Map(
      recorded.filter(({ role }) => role === 'CHAMPION').map((row) => [row.id, row.subject]),
    );
    for (const row of recorded.filter(({ role }) => role === 'CHALLENGER'))
      expect(shown.get(row.shadow_of ?? '')).toBe(row.subject);
  });
});

describe('a challenger', () => {
  it('is refused where it may not serve, or cannot be tried out', async () => {
    const uncertified = await trainedModel(test, owner, { difference: 0.2 });
    expect((await start({ modelVersionId: uncertified.id })).code).toBe('CONFLICT');
    expect((await start({ modelVersionId: champion })).code).toBe('CONFLICT');
    expect((await start({ share: 0, alpha: 0.9, minOutcomes: 5, outcomeDelayHours: -1 })).issues).toEqual([
      { path: 'share' },
      { path: 'alpha' },
      { path: 'minOutcomes' },
      { path: 'outcomeDelayHours' },
    ]);
    expect((await start({ domain: 'FINANCIAL_RISK' })).issues).toEqual([{ path: 'modelVersionId' }]);
    expect(await challenger()).toBeNull();
    for (const name of ['changeChallenger', 'endChallenger', 'promoteChallenger'])
      expect((await change(name, {})).code).toBe('CONFLICT');
    const fresh = await test.tenant();
    const unpromoted = (await trainedModel(test, fresh)).id;
    expect((await start({ modelVersionId: unpromoted }, fresh)).code).toBe('CONFLICT');
  });

  it('is the only one of its domain, whoever starts at the same time, and its tenant’s alone', async () => {
    const ends = await Promise.all(Array.from({ length: 6 }, () => start()));
    expect(ends.filter(({ code }) => code === 'CONFLICT')).toHaveLength(5);
    const stranger = await test.tenant();
    expect(await challenger(stranger)).toBeNull();
    const query =
      'mutation ($input: StartChallengerInput!) { startChallenger(input: $input) { __typename } }';
    const input = { domain: KIND, modelVersionId: other, mode: 'SHADOW', share: 1 };
    expect(await stranger.caller.code(query, { input })).toBe('NOT_FOUND');
  });

  it('is listed with those before it, and what champion each trial had', async () => {
    await start();
    await change('endChallenger', {});
    await start({ mode: 'SHADOW' });
    const third = await promoteLinear(test, owner, 5);
    const { challengers } = await owner.caller.data<{ challengers: { nodes: ChallengerAnswer[] } }>(
      `{ challengers(domain: ${KIND}) { nodes ${CHALLENGER} } }`,
    );
    expect(challengers.nodes.map(({ isRunning, ending }) => [isRunning, ending])).toEqual([
      [true, null],
      [false, 'ENDED'],
    ]);
    expect(challengers.nodes[0]?.trials.map((trial) => trial.champion.id)).toEqual([champion, third]);
  });
});
