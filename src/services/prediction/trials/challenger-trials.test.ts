import { linearSpec } from '../../../../test/support/linear-artifact';
import { AppError } from '../../../errors';
import { featureSpecSchema } from '../../../learning/features/feature-spec';
import { type TenantContext } from '../../../platform/tenancy/request-context';
import { type ScoredExample } from '../log/recorded-prediction';
import { PredictionService } from '../prediction.service';
import { questionOf } from '../question';
import { type Servable } from '../servable';
import { Background } from './background';
import { choiceFor, type RunningChallenger } from './running-challenger';
import { type TrialEvent } from './trial-counts';

const ctx: TenantContext = {
  requestId: 'request',
  actor: { id: 'key', role: 'SERVICE', tenantId: '0d3f8a44-6a3e-4d7b-9c55-0a1b2c3d4e5f' },
};
const SUBJECTS = Array.from({ length: 400 }, (_, index) => `u${index}`);
const sizeSpec = featureSpecSchema.parse({
  shape: 'TABLE',
  label: { column: 'label' },
  features: [{ type: 'numeric', name: 'size' }],
});

const servable = (name: string, spec = linearSpec): Servable => ({
  version: { id: name, number: name === 'champion' ? 1 : 2, createdAt: new Date(0) },
  artifact: { tenantId: ctx.actor.tenantId, sha256: name },
  spec,
  threshold: 0.5,
});

const challengerOf = (rest: Partial<RunningChallenger> = {}): RunningChallenger => ({
  ...{ id: 'one', trialId: 'trial', mode: 'CANARY', share: 0.3 },
  servable: servable('challenger'),
  ...rest,
});

const notAsked = () => Promise.reject(new Error('no history was to be looked up'));
const noHistories = { latest: notAsked, derived: notAsked, keyed: notAsked, dated: notAsked };
const recordsOf = (subjects: readonly (string | null)[]) =>
  subjects.map((subjectId) => ({ subjectId, features: { x: 1 } }));

describe('a challenger that is tried out', () => {
  let running: RunningChallenger;
  let logged: ScoredExample[];
  let counted: Record<string, number>;
  /** What the challenger's artifact does. */
  let inference: (rows: number) => Promise<Float32Array>;
  let isBusy: boolean;
  let background: Background;
  let service: PredictionService;

  beforeEach(() => {
    running = challengerOf();
    [logged, counted, isBusy] = [[], {}, false];
    inference = (rows) => Promise.resolve(new Float32Array(rows).fill(0.75));
    background = new Background({
      isBusy: () => isBusy,
      onError: (error) => {
        throw error;
      },
    });
    service = new PredictionService({
      champions: { current: () => Promise.resolve({ ...servable('champion'), challenger: running }) },
      pool: {
        run: async ({ sha256 }, inputs) => {
          const rows = Object.values(inputs)[0]?.dims[0] ?? 0;
          const values = sha256 === 'challenger' ? await inference(rows) : new Float32Array(rows).fill(0.25);
          return { probability: values, logit: values };
        },
      },
      histories: noHistories,
      log: {
        record: (_tenantId, scored) => {
          logged.push(scored);
          return Promise.resolve(`id ${logged.length}`);
        },
      },
      trials: {
        background,
        counts: {
          add: ({ role }, event: TrialEvent, count: number) => {
            if (count > 0) counted[`${role} ${event}`] = (counted[`${role} ${event}`] ?? 0) + count;
          },
        },
      },
    });
  });

  const ask = async (subjects: readonly (string | null)[] = SUBJECTS) => {
    const answers = await service.predictEach(ctx, 'KIND', questionOf(recordsOf(subjects)));
    await background.idle();
    return answers.map(({ item, servedBy }) => ({
      servedBy,
      probability: item && 'probability' in item ? item.probability : null,
    }));
  };
  const byChallenger = { servedBy: 'CHALLENGER', probability: 0.75 };
  const byChampion = { servedBy: 'CHAMPION', probability: 0.25 };
  const tried = () => SUBJECTS.filter((subject) => choiceFor(running, subject).isChallenger);

  describe('as a canary', () => {
    it('answers for its share of the subjects, each time the same, alone or among others', async () => {
      const names = new Set(tried());
      expect(names.size / SUBJECTS.length).toBeCloseTo(0.3, 1);
      const expected = SUBJECTS.map((subject) => (names.has(subject) ? byChallenger : byChampion));
      expect(await ask()).toEqual(expected);
      for (const subject of SUBJECTS.slice(0, 40))
        expect(await ask([subject])).toEqual([names.has(subject) ? byChallenger : byChampion]);
    });

    it('keeps its subjects when its share grows, and has others when it is another challenger', () => {
      const before = tried();
      running = challengerOf({ share: 0.6, trialId: 'next' });
      expect(tried()).toEqual(expect.arrayContaining(before));
      running = challengerOf({ id: 'two' });
      const again = tried().filter((subject) => before.includes(subject)).length;
      expect(again / before.length).toBeGreaterThan(0.15);
      expect(again / before.length).toBeLessThan(0.45);
    });

    it('leaves those without a name to the champion', async () => {
      expect(await ask(Array.from({ length: 50 }, () => null))).toEqual(
        Array.from({ length: 50 }, () => byChampion),
      );
      expect([logged, counted]).toEqual([[], {}]);
    });

    it('is recorded with as many of the champion’s subjects, whether or not anybody asks for ids', async () => {
      await ask();
      const roles = (role: string) => logged.filter((each) => each.role === role);
      expect(roles('CHALLENGER').map(({ subjectId }) => subjectId)).toEqual(tried());
      expect(roles('CHAMPION').length / SUBJECTS.length).toBeCloseTo(0.3, 1);
      expect(logged.every(({ trialId, shadowOf }) => trialId === 'trial' && shadowOf === null)).toBe(true);
      expect(counted).toEqual({
        'CHALLENGER answered': tried().length,
        'CHAMPION answered': roles('CHAMPION').length,
      });
    });

    it.each<[string, TrialEvent, () => Promise<Float32Array>]>([
      ['cannot be run', 'failed', () => Promise.reject(new Error('no such input'))],
      ['takes too long', 'timed_out', () => Promise.reject(new AppError('UNAVAILABLE', 'too long'))],
      ['answers no number', 'not_finite', () => Promise.resolve(new Float32Array(1_000).fill(NaN))],
    ])('that %s has its subjects answered by the champion', async (_name, event, fails) => {
      inference = fails;
      expect(await ask()).toEqual(SUBJECTS.map(() => byChampion));
      expect(counted[`CHALLENGER ${event}`]).toBe(tried().length);
      expect(counted['CHALLENGER answered']).toBeUndefined();
    });

    it('reads inputs as its own specification wants them', async () => {
      running = challengerOf({ share: 1, servable: servable('challenger', sizeSpec) });
      const answers = await service.predictEach(ctx, 'KIND', {
        subjectIds: ['a'],
        read: (spec) => [
          { record: { subjectId: 'a', features: spec === sizeSpec ? { size: 3 } : { x: 1 } } },
        ],
      });
      await background.idle();
      expect(answers[0]).toMatchObject({ servedBy: 'CHALLENGER', item: { probability: 0.75 } });
      expect(logged[0]?.example.record.features).toEqual({ size: 3 });
    });

    it('that refuses what the champion takes is counted for it; what both refuse is the request’s own fault', async () => {
      running = challengerOf({ share: 1, servable: servable('challenger', sizeSpec) });
      expect(await ask(['a', 'b'])).toEqual([byChampion, byChampion]);
      expect(counted).toEqual({ 'CHALLENGER refused': 2 });
      const [answer] = await service.predictEach(
        ctx,
        'KIND',
        questionOf([{ features: { weight: 1 }, subjectId: 'c' }]),
      );
      expect(answer?.item).toMatchObject({ issues: [{ path: 'features.weight' }] });
      expect(counted).toEqual({ 'CHALLENGER refused': 2 });
    });

    it('counts the candidates of a decision once, and records none of them', async () => {
      running = challengerOf({ share: 1 });
      const question = { ...questionOf(recordsOf(['a', 'a', 'a'])), areCandidates: true };
      const answers = await service.predictEach(ctx, 'KIND', question);
      await background.idle();
      expect(answers.every(({ servedBy }) => servedBy === 'CHALLENGER')).toBe(true);
      expect([logged, counted]).toEqual([[], { 'CHALLENGER answered': 1 }]);
      const item = answers[1]?.item;
      if (item && 'recording' in item) await item.recording.id();
      expect(logged).toMatchObject([{ role: 'CHALLENGER', trialId: 'trial' }]);
    });
  });

  describe('in the shadow', () => {
    beforeEach(() => {
      running = challengerOf({ mode: 'SHADOW' });
    });

    it('is never shown, and recorded beside the prediction that was', async () => {
      expect(await ask()).toEqual(SUBJECTS.map(() => byChampion));
      const shown = logged.flatMap(({ role, subjectId }, index) =>
        role === 'CHAMPION' ? [[`id ${index + 1}`, subjectId]] : [],
      );
      const shadows = logged.filter(({ role }) => role === 'CHALLENGER');
      expect(shown.length / SUBJECTS.length).toBeCloseTo(0.3, 1);
      expect(shadows.map(({ shadowOf, subjectId }) => [shadowOf, subjectId])).toEqual(shown);
      expect(shadows.every(({ probability, trialId }) => probability === 0.75 && trialId === 'trial')).toBe(
        true,
      );
      const times = new Map(logged.map(({ subjectId, at }) => [subjectId, at]));
      for (const { subjectId, at } of logged) expect(at).toEqual(times.get(subjectId));
      expect(counted).toEqual({ 'CHAMPION answered': shown.length, 'CHALLENGER answered': shown.length });
    });

    it('does not keep an answer waiting, however long it takes, nor spoil it', async () => {
      const held: ((error: Error) => void)[] = [];
      inference = () => new Promise((_resolve, reject) => held.push(reject));
      const answers = await service.predictEach(ctx, 'KIND', questionOf(recordsOf(SUBJECTS)));
      expect(answers.every(({ item }) => item && 'probability' in item && item.probability === 0.25)).toBe(
        true,
      );
      while (held.length === 0) await new Promise(setImmediate);
      held[0]?.(new Error('broken'));
      await background.idle();
      expect(counted['CHALLENGER failed']).toBe(counted['CHAMPION answered']);
    });

    it('is dropped, and that is counted, when others need the machine', async () => {
      isBusy = true;
      expect(await ask()).toEqual(SUBJECTS.map(() => byChampion));
      expect(logged).toEqual([]);
      expect(counted['CHALLENGER dropped']).toBe(counted['CHAMPION answered']);
    });

    it('scores of the candidates those whose ids are asked for', async () => {
      running = challengerOf({ mode: 'SHADOW', share: 1 });
      const question = { ...questionOf(recordsOf(['a', 'a', 'a'])), areCandidates: true };
      const answers = await service.predictEach(ctx, 'KIND', question);
      await background.idle();
      expect(logged).toEqual([]);
      const item = answers[1]?.item;
      expect(item && 'recording' in item && (await item.recording.id())).toBe('id 1');
      await background.idle();
      expect(logged).toMatchObject([
        { role: 'CHAMPION', shadowOf: null },
        { role: 'CHALLENGER', shadowOf: 'id 1' },
      ]);
    });
  });
});

describe('work in the background', () => {
  it('is bounded, and goes on when there is room again', async () => {
    const failed: unknown[] = [];
    const background = new Background({ maxRows: 10, onError: (error) => failed.push(error) });
    let release!: () => void;
    const gate = new Promise<void>((resolve) => (release = resolve));
    expect(background.run(8, () => gate)).toBe(true);
    expect(background.run(3, () => gate)).toBe(false);
    expect(background.run(2, () => Promise.reject(new Error('lost')))).toBe(true);
    release();
    await background.idle();
    expect(failed).toEqual([new Error('lost')]);
    // What is larger than the bound still goes when nothing else does.
    expect(background.run(50, () => Promise.resolve())).toBe(true);
  });
});
