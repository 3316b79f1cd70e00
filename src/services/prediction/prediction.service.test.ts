import { linearArtifact, linearSpec } from '../../../test/support/linear-artifact';
import { AppError } from '../../errors';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { Champions } from './champions';
import { InferencePool } from './pool/inference-pool';
import { PredictionService } from './prediction.service';
import { questionOf } from './question';
import { type Servable } from './servable';

const ctx: TenantContext = {
  requestId: 'request',
  actor: { id: 'key', role: 'SERVICE', tenantId: '0d3f8a44-6a3e-4d7b-9c55-0a1b2c3d4e5f' },
};

const servable = (weight: number): Servable => ({
  version: { id: `version ${weight}`, number: weight, createdAt: new Date(0) },
  artifact: { tenantId: ctx.actor.tenantId, sha256: `weight ${weight}` },
  spec: linearSpec,
  threshold: 0.6,
});

/** A model of tables asks for none. */
const notAsked = () => Promise.reject(new Error('no history was to be looked up'));
const noHistories = { latest: notAsked, derived: notAsked, keyed: notAsked, dated: notAsked };

describe('PredictionService', () => {
  let newest: Servable | null;
  let pool: InferencePool;
  let champions: Champions;
  let service: PredictionService;

  beforeEach(() => {
    newest = servable(2);
    pool = new InferencePool({
      threads: 2,
      read: ({ sha256 }) => Promise.resolve(linearArtifact(Number(sha256.split(' ')[1]))),
    });
    champions = new Champions({
      find: () => Promise.resolve(newest),
      prepare: () => Promise.resolve(),
      onError: (error) => {
        throw error;
      },
    });
    service = new PredictionService({ champions, pool, histories: noHistories });
  });

  afterEach(() => pool.close());

  const record = (x: unknown, color = '') => ({ features: { x: x as number, color } });

  it('answers with scores, the version and the threshold', async () => {
    const { items, ...rest } = await service.predict(ctx, 'KIND', [record(1, 'red'), record(-2, 'blue')]);
    expect(items.map(({ logit }) => logit)).toEqual([3, -2]);
    expect(items[0]?.probability).toBeCloseTo(1 / (1 + Math.exp(-3)), 6);
    expect(rest).toEqual({ modelVersion: newest?.version, threshold: 0.6 });
  });

  it('says MODEL_NOT_READY before the first promotion', async () => {
    newest = null;
    await expect(service.predict(ctx, 'KIND', [record(1)])).rejects.toMatchObject({
      code: 'MODEL_NOT_READY',
    });
  });

  it('refuses all records when one has a feature that is unknown or of another type', async () => {
    const records = [record(1), record('much'), { features: { weight: 1 } }];
    const error: unknown = await service.predict(ctx, 'KIND', records).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).issues.map(({ path }) => path)).toEqual(['1.features.x', '2.features.weight']);
  });

  it('scores the other records and says what is wrong with each of the wrong ones', async () => {
    const records = [
      record(1),
      record(NaN),
      record(3),
      { features: { weight: 1 } },
      record(5, 'a\0b'),
      record(6),
    ];
    const answers = await service.predictEach(ctx, 'KIND', {
      subjectIds: records.map(() => null),
      read: (spec, places) => {
        expect(spec).toBe(linearSpec);
        return places.map((place) => ({ record: records[place] }));
      },
    });
    expect(
      answers.map(({ item }) =>
        item && 'issues' in item ? item.issues.map(({ path }) => path) : item?.logit,
      ),
    ).toEqual([2, ['features.x'], 6, ['features.weight'], ['features.color'], 12]);
  });

  it('answers nothing for nothing', async () => {
    expect(await service.predictEach(ctx, 'KIND', questionOf([]))).toEqual([]);
  });

  it('records candidates only where their ids are asked for, whatever share is recorded', async () => {
    newest = { ...servable(2), recordShare: 1 };
    const record = jest.fn(() => Promise.resolve('id'));
    service = new PredictionService({ champions, pool, histories: noHistories, log: { record } });
    const records = [1, 2, 3].map((x) => ({ subjectId: 'u', features: { x } }));
    const answers = await service.predictEach(ctx, 'KIND', { ...questionOf(records), areCandidates: true });
    expect(record).not.toHaveBeenCalled();
    const [, second] = answers;
    expect(second?.item && 'recording' in second.item && (await second.item.recording.id())).toBe('id');
    expect(record).toHaveBeenCalledTimes(1);
    await service.predictEach(ctx, 'KIND', questionOf(records));
    expect(record).toHaveBeenCalledTimes(4);
  });

  it('never passes off as an answer what is not a number', async () => {
    // An unfitted weight: the artifact answers NaN.
    newest = servable(NaN);
    await expect(service.predict(ctx, 'KIND', [record(1)])).rejects.toThrow('did not answer with a number');
  });

  it('goes from one champion to the next under load without a failed or a mixed answer', async () => {
    champions = new Champions({
      find: () => Promise.resolve(newest),
      prepare: (next, previous) =>
        pool.warm(
          next.artifact,
          {
            f_x: { type: 'float32', dims: [1, 1], data: new Float32Array(1) },
            f_color: { type: 'string', dims: [1, 1], data: [''] },
          },
          previous?.artifact,
        ),
      onError: (error) => {
        throw error;
      },
    });
    service = new PredictionService({ champions, pool, histories: noHistories });
    const seen = new Set<number>();
    let going = true;
    const client = async (x: number): Promise<void> => {
      while (going) {
        const { items, modelVersion } = await service.predict(ctx, 'KIND', [record(x), record(2 * x)]);
        expect(items.map(({ logit }) => logit)).toEqual([
          modelVersion.number * x,
          modelVersion.number * 2 * x,
        ]);
        seen.add(modelVersion.number);
      }
    };
    const clients = Array.from({ length: 20 }, (_, i) => client(i + 1));
    for (const weight of [3, 4, 3, 5]) {
      newest = servable(weight);
      champions.announce(ctx.actor.tenantId, 'KIND');
      seen.clear();
      while (!seen.has(weight)) await new Promise(setImmediate);
    }
    going = false;
    await Promise.all(clients);
    expect(pool.stats.threadsLost).toBe(0);
  });
});
