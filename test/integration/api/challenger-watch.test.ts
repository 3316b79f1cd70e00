import { createLogger } from '../../../src/platform/telemetry/logger';
import { ChallengerWatch } from '../../../src/services/challengers/challenger-watch';
import { changeChallenger, challengerOf } from '../../support/api/challengers';
import { logPrediction } from '../../support/api/log-prediction';
import { KIND } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { baselineOf, trainedModel } from '../../support/api/trained-model';

let test: TestApi;
let owner: ApiTenant;
let champion: string;
let other: string;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
  [champion, other] = [(await trainedModel(test, owner)).id, (await trainedModel(test, owner)).id];
  await owner.caller.data(
    'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { __typename } }',
    { id: champion },
  );
});
afterAll(() => test.close());

const change = (name: string, input: object) => changeChallenger(owner, name, input);
const start = (input: object) =>
  change('startChallenger', { modelVersionId: other, mode: 'CANARY', share: 0.3, ...input });
const challenger = () => challengerOf(owner);

describe('a version that is not worth more than its baseline', () => {
  it('is tried out for a reason only, by which it may be promoted', async () => {
    const { id: modelVersionId } = await trainedModel(test, owner, { baseline: baselineOf(0.05) });
    const below = { modelVersionId, mode: 'SHADOW' };
    expect(await start(below)).toEqual({ code: 'BELOW_BASELINE' });
    expect(await start({ ...below, baselineOverride: { reason: '' } })).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect(await challenger()).toBeNull();
    const started = await start({ ...below, baselineOverride: { reason: 'live outcomes decide' } });
    expect(started.challenger.modelVersion.id).toBe(modelVersionId);
    expect((await change('promoteChallenger', {})).challenger.ending).toBe('PROMOTED');
    const { challenger: told, auditLog } = await owner.caller.data<{
      challenger: object;
      auditLog: {
        nodes: readonly { readonly action: string; readonly after: { readonly baselineOverride?: string } }[];
      };
    }>(
      `{ challenger(domain: ${KIND}) { baselineOverride }
         auditLog(first: 3) { nodes { action after } } }`,
    );
    expect(told).toEqual({ baselineOverride: 'live outcomes decide' });
    const reasons = auditLog.nodes.map(({ action, after }) => [action, after.baselineOverride]);
    expect(reasons).toEqual([
      ['MODEL_PROMOTED', 'live outcomes decide'],
      ['CHALLENGER_PROMOTED', undefined],
      ['CHALLENGER_STARTED', 'live outcomes decide'],
    ]);
  });
});

describe('the watch', () => {
  const watch = () =>
    new ChallengerWatch({ database: test.database, logger: createLogger('test', 'silent') });

  interface Pair {
    readonly champion: number;
    readonly challenger: number;
    readonly label: boolean;
    readonly subject: string;
  }

  /** What both say of so many subjects, with the outcomes. */
  async function compare(mode: string, trialId: string, pairs: readonly Pair[]): Promise<void> {
    const outcomes: object[] = [];
    for (const [index, pair] of pairs.entries()) {
      const isShadow = mode === 'SHADOW';
      const isTriedOnly = !isShadow && index % 2 === 1;
      const common = { subjectId: pair.subject, trialId };
      const shown = await logPrediction(test, owner, {
        ...common,
        ...(isTriedOnly
          ? { modelVersionId: other, role: 'CHALLENGER', probability: pair.challenger }
          : { modelVersionId: champion, probability: pair.champion }),
      });
      if (isShadow)
        await logPrediction(test, owner, {
          ...{ ...common, modelVersionId: other, role: 'CHALLENGER', shadowOf: shown },
          probability: pair.challenger,
        });
      outcomes.push({ predictionId: shown, label: pair.label, at: '2025-03-02T00:00:00Z' });
    }
    await owner.caller.data(
      'mutation ($input: RecordOutcomesInput!) { recordOutcomes(input: $input) { __typename } }',
      { input: { domain: KIND, outcomes } },
    );
  }

  const pairs = (count: number, of: (label: boolean) => Pick<Pair, 'champion' | 'challenger'>): Pair[] =>
    Array.from({ length: count }, (_, index) => {
      const label = index % 3 === 0 || index % 4 === 1;
      return { label, subject: `s${index % 60}`, ...of(label) };
    });

  const audited = () =>
    test.database.inTenant(owner.id, (scope) =>
      scope.query<{ actor_id: string; actor_role: string; after: { figures: { verdict: string } } }>(
        "SELECT actor_id, actor_role, after FROM audit_entries WHERE action = 'CHALLENGER_ROLLED_BACK'",
      ),
    );

  it.each(['SHADOW', 'CANARY'])('ends a %s that is worse, once, and says why', async (mode) => {
    const { trial } = (await start({ mode, share: 0.5, minOutcomes: 100 })).challenger;
    const told = pairs(300, (label) => ({ champion: label ? 0.8 : 0.2, challenger: label ? 0.2 : 0.8 }));
    await compare(mode, trial.id, told);
    const looks = await Promise.all([watch().look(), watch().look(), watch().look()]);
    expect(looks.reduce((sum, ended) => sum + ended, 0)).toBe(1);
    const found = (await challenger())!;
    expect(found).toMatchObject({ isRunning: false, ending: 'ROLLED_BACK', endedBy: null });
    expect(found.reason).toMatch(/log loss is higher by 1\.39/);
    expect(found.figures).toMatchObject({ verdict: 'WORSE', because: 'LOG_LOSS' });
    const { champion: own, challenger: tried, logLossDifference } = found.figures!;
    expect(own.logLoss?.value).toBeCloseTo(-Math.log(0.8), 5);
    expect(tried.logLoss?.value).toBeCloseTo(-Math.log(0.2), 5);
    expect(logLossDifference?.low).toBeGreaterThan(0);
    const compared = mode === 'SHADOW' ? [300, 300] : [150, 150];
    expect([own.outcomes, tried.outcomes]).toEqual(compared);
    expect(own.positives).toBe(
      told.filter(({ label }, index) => label && (mode === 'SHADOW' || index % 2 === 0)).length,
    );
    expect(await audited()).toMatchObject([
      { actor_id: 'system', actor_role: 'SYSTEM', after: { figures: { verdict: 'WORSE' } } },
    ]);
    const { auditLog } = await owner.caller.data<{ auditLog: { nodes: object[] } }>(
      '{ auditLog(first: 1, filter: { actions: [CHALLENGER_ROLLED_BACK] }) { nodes { actorId actorRole objectId } } }',
    );
    expect(auditLog.nodes).toEqual([{ actorId: 'system', actorRole: 'SYSTEM', objectId: found.id }]);
  });

  it('leaves it running when it was started so, and when it is better: then it is ready to be promoted', async () => {
    const { trial } = (await start({ mode: 'SHADOW', endWhenWorse: false, minOutcomes: 100 })).challenger;
    await compare(
      'SHADOW',
      trial.id,
      pairs(200, (label) => ({ champion: 0.5, challenger: label ? 0.1 : 0.9 })),
    );
    expect(await watch().look()).toBe(0);
    expect(await challenger()).toMatchObject({ isRunning: true, figures: { verdict: 'WORSE' } });
    const next = (await change('changeChallenger', { share: 0.9, endWhenWorse: true })).challenger.trial;
    // What the trial before has shown is not mixed in.
    expect((await challenger())?.figures?.verdict).toBe('COLLECTING');
    await compare(
      'SHADOW',
      next.id,
      pairs(300, (label) => ({ champion: 0.5, challenger: label ? 0.9 : 0.1 })),
    );
    expect(await watch().look()).toBe(0);
    expect(await challenger()).toMatchObject({
      isRunning: true,
      figures: { verdict: 'BETTER', because: null },
    });
    expect(await audited()).toEqual([]);
  });

  it('looks at a trial no more often than it is due, and waits for outcomes as long as it was told to', async () => {
    const { trial } = (await start({ mode: 'SHADOW', minOutcomes: 100, outcomeDelayHours: 1 })).challenger;
    await compare(
      'SHADOW',
      trial.id,
      pairs(200, () => ({ champion: 0.5, challenger: 0.001 })),
    );
    expect(await watch().look()).toBe(0);
    expect((await challenger())?.figures).toMatchObject({
      verdict: 'COLLECTING',
      challenger: { outcomes: 0 },
    });
    await test.database.inTenant(owner.id, (scope) =>
      scope.query('UPDATE challengers SET outcome_delay_hours = 0'),
    );
    expect(await watch().look()).toBe(0);
    expect((await challenger())?.isRunning).toBe(true);
    await test.database.inTenant(owner.id, (scope) =>
      scope.query("UPDATE challenger_trials SET judged_at = judged_at - interval '2 minutes'"),
    );
    expect(await watch().look()).toBe(1);
  });
});
