import { featureSpecSchema } from '../../src/learning/features/feature-spec';
import { modelConfigSchema } from '../../src/learning/architectures/model-config';
import { UsageError } from '../suite';
import { readOptions } from './options';
import { describeProtocol, protocolRuns } from './protocol';
import { readRecipe, readSets } from './quality-set';
import { meanMetrics, setResult } from './result';
import { tableOf } from './table';

describe('the protocol', () => {
  const featureSpec = { shape: 'TABLE', split: { by: 'stratified' as const, folds: 3, seed: 0 } };

  it('is a run for each fold, alike but for which is the test', () => {
    expect(protocolRuns({ featureSpec }, null)).toEqual(
      [0, 1, 2].map((fold) => ({
        name: `fold ${fold + 1} of 3`,
        featureSpec: { shape: 'TABLE', split: { by: 'stratified', folds: 3, seed: 0, fold } },
      })),
    );
    expect(describeProtocol({ featureSpec }, null)).toBe('3 folds, stratified');
  });

  it('takes another number of folds, where there are any', () => {
    expect(protocolRuns({ featureSpec }, 5)).toHaveLength(5);
    expect(protocolRuns({ featureSpec }, 5)[4]?.featureSpec).toMatchObject({ split: { folds: 5, fold: 4 } });
    const once = { featureSpec: { shape: 'EVENTS', split: { by: 'time' as const } } };
    expect(protocolRuns(once, 5)).toEqual([{ name: 'the one split', featureSpec: once.featureSpec }]);
    expect(describeProtocol(once, 5)).toBe('one split, by time');
  });
});

describe('the sets', () => {
  it('are specifications and configurations that the API takes, in each of their runs', async () => {
    const [sets, recipe] = await Promise.all([readSets(null), readRecipe()]);
    expect(sets.map(({ name }) => name)).toEqual([
      'cdnow',
      'criteo',
      'german',
      'movielens',
      'obd-men',
      'obd-women',
      'online-shoppers',
      'rees46',
      'taiwan',
    ]);
    for (const set of sets) {
      for (const { featureSpec } of protocolRuns(set, null))
        expect(() => featureSpecSchema.parse(featureSpec)).not.toThrow();
      expect(() => modelConfigSchema.parse({ ...recipe, ...set.modelConfig })).not.toThrow();
    }
  });

  it('can be chosen by name', async () => {
    expect((await readSets(['taiwan'])).map(({ title }) => title)).toEqual(['Taiwan credit cards']);
    await expect(readSets(['taiwan', 'narnia'])).rejects.toThrow(
      new UsageError(
        'there is no set narnia; there is cdnow, criteo, german, movielens, obd-men, obd-women, online-shoppers, rees46, taiwan',
      ),
    );
  });
});

describe('the result', () => {
  const run = (rocAuc: number | null, seconds: number) => ({ rocAuc, logLoss: 0.5, ece: 0.01, seconds });

  it('is the mean over runs, and the time of all of them, with the baseline and others beside it', () => {
    const others = { xgboost: { rocAuc: 0.9, logLoss: 0.3 } };
    const runs = { model: [run(0.8, 1.25), run(0.9, 2)], baseline: [run(0.7, 9), run(0.7, 9)] };
    const result = setResult({ title: 'A set', peers: others }, '2 folds', runs);
    expect(result).toEqual({
      dataset: 'A set',
      protocol: '2 folds',
      rocAuc: 0.85,
      logLoss: 0.5,
      ece: 0.01,
      seconds: 3.3,
      peers: { logisticRegression: { rocAuc: 0.7, logLoss: 0.5, ece: 0.01 }, ...others },
    });
    expect(tableOf({ results: [result] })).toContain('0.8500');
  });

  it('is no mean of what is defined in some runs only', () => {
    expect(meanMetrics([run(0.8, 1), run(null, 1)])).toEqual({ rocAuc: null, logLoss: 0.5, ece: 0.01 });
    expect(meanMetrics([])).toEqual({ rocAuc: null, logLoss: null, ece: null });
  });
});

describe('the options', () => {
  it('are read', () => {
    expect(readOptions({ data: 'd', only: 'a,b', folds: '5' })).toEqual({
      data: 'd',
      only: ['a', 'b'],
      folds: 5,
    });
    expect(readOptions({})).toEqual({ data: null, only: null, folds: null });
  });

  it.each([{ folds: '1' }, { folds: 'three' }, { folds: '2.5' }, { only: 'a,,b' }])(
    'refuses %p',
    (values) => {
      expect(() => readOptions(values)).toThrow(UsageError);
    },
  );
});
