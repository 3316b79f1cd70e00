import { text } from 'node:stream/consumers';
import { evaluate } from '../../../src/learning/evaluation/evaluate';
import { type HeldOutPrediction } from '../../../src/learning/train-model';
import { seededRandom } from '../../../src/learning/training/random';
import { predictionsCsv } from '../../../src/services/training/predictions-csv';
import { readyDataset } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { startRun, trainedModel } from '../../support/api/trained-model';

const HELD_OUT = `query ($id: ID!, $threshold: Float, $slice: [SliceConditionInput!]) { modelVersion(id: $id) {
  heldOut(threshold: $threshold, slice: $slice) {
    __typename
    ... on HeldOutEvaluation {
      total
      evaluation { count positives threshold recall rocAuc confusionMatrix { truePositives } }
      curves { roc { threshold } deciles { lift } }
      intervals { level replicates resampled units metrics { metric estimate low high } }
    }
    ... on InvalidInput { code issues { path message } }
  }
} }`;
const COMPARE = `query ($input: CompareModelsInput!) { compareModels(input: $input) {
  __typename
  ... on ModelComparison {
    first { id } second { id } matched subjects onlyFirst onlySecond differentLabels ambiguousIds
    firstEvaluation { count rocAuc } secondEvaluation { logLoss }
    rocAuc { first second difference low high pValue } logLoss { difference low high pValue }
  }
  ... on InvalidInput { issues { path } }
  ... on UserError { code message }
} }`;

interface Row extends HeldOutPrediction {
  readonly x: number;
  readonly color: string;
}

/** Labels follow a number x; what is predicted is x with noise. Ids and categories need quotes. */
function generate(count: number, { noise, seed }: { noise: number; seed: number }): Row[] {
  const truth = seededRandom(1);
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, n) => {
    const x = truth();
    const label = truth() < x ? 1 : 0;
    const probability = Math.fround(Math.min(1, Math.max(0, x + noise * (random() - 0.5))));
    const color = ['red', 'dark, "blue"', '', 'two\nlines'][n % 4] ?? '';
    const part = n % 5 === 0 ? 'validation' : 'test';
    return {
      part,
      id: `order "${n}",\n`,
      label,
      probability,
      subject: 1 + (n >> 1),
      x: Math.fround(x),
      color,
    };
  });
}

const csvOf = (rows: readonly Row[]) =>
  text(
    predictionsCsv(rows, [
      { name: 'x', values: Float32Array.from(rows, ({ x, color }) => (color === '' ? NaN : x)) },
      { name: 'color', values: rows.map(({ color }) => color) },
    ]),
  );

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

async function versionOf(rows: readonly Row[], datasetId?: string): Promise<string> {
  const runId = await startRun(owner, datasetId);
  const { id } = await trainedModel(test, owner, { runId, predictionsCsv: await csvOf(rows) });
  return id;
}

const heldOut = async (id: string, variables: object = {}) => {
  const { modelVersion } = await owner.caller.data<{ modelVersion: { heldOut: unknown } }>(HELD_OUT, {
    id,
    ...variables,
  });
  return modelVersion.heldOut;
};

const evaluated = (rows: readonly Row[], threshold: number) =>
  evaluate(
    Float32Array.from(rows, ({ label }) => label),
    Float32Array.from(rows, ({ probability }) => probability),
    threshold,
  );

describe('held-out evaluation', () => {
  const rows = generate(400, { noise: 0.2, seed: 2 });
  const ofTest = rows.filter(({ part }) => part === 'test');
  let id: string;
  beforeEach(async () => (id = await versionOf(rows)));

  it('is that of the test part, at the recommended threshold or any other, with intervals', async () => {
    for (const threshold of [null, 0.25, 0, 1]) {
      const expected = evaluated(ofTest, threshold ?? 0.5);
      const answer = await heldOut(id, { threshold });
      expect(answer).toMatchObject({
        total: 320,
        evaluation: {
          ...{ count: 320, threshold: threshold ?? 0.5, recall: expected.recall, rocAuc: expected.rocAuc },
          confusionMatrix: { truePositives: expected.confusion.tp },
        },
        intervals: { level: 0.95, replicates: 1000, resampled: 'SUBJECTS' },
      });
      const { intervals } = answer as {
        intervals: { metrics: { metric: string; estimate: number; low: number; high: number }[] };
      };
      const auc = intervals.metrics.find(({ metric }) => metric === 'ROC_AUC')!;
      expect(auc.estimate).toBeCloseTo(expected.rocAuc!, 12);
      expect(auc.low < auc.estimate && auc.estimate < auc.high).toBe(true);
      expect(await heldOut(id, { threshold })).toEqual(answer);
    }
  });

  it.each([
    [
      'a category',
      [{ feature: 'color', values: ['dark, "blue"'] }],
      (row: Row) => row.color === 'dark, "blue"',
    ],
    [
      'several categories',
      [{ feature: 'color', values: ['red', 'two\nlines'] }],
      ({ color }: Row) => color === 'red' || color === 'two\nlines',
    ],
    ['a missing value', [{ feature: 'x', missing: true }], ({ color }: Row) => color === ''],
    [
      'a range, in which nothing missing is',
      [{ feature: 'x', from: 0.25, below: 0.75 }],
      ({ x, color }: Row) => color !== '' && x >= 0.25 && x < 0.75,
    ],
    [
      'all of several conditions',
      [
        { feature: 'x', below: 0.9 },
        { feature: 'color', values: ['red'] },
      ],
      ({ x, color }: Row) => color === 'red' && x < 0.9,
    ],
  ])('is that of %s', async (_name, slice, isIn) => {
    const expected = evaluated(ofTest.filter(isIn), 0.5);
    expect(await heldOut(id, { slice })).toMatchObject({
      total: 320,
      evaluation: {
        ...{ count: expected.count, positives: expected.positives, recall: expected.recall },
        rocAuc: expected.rocAuc,
      },
    });
  });

  it.each([
    ['threshold', { threshold: 1.5 }],
    ['slice.0.feature', { slice: [{ feature: 'age', below: 3 }] }],
    ['slice.0.feature', { slice: [{ feature: 'x' }] }],
    ['slice.0.feature', { slice: [{ feature: 'x', from: 0, missing: true }] }],
    ['slice.0.values', { slice: [{ feature: 'x', values: ['1'] }] }],
    ['slice.0.values', { slice: [{ feature: 'color', values: [] }] }],
    ['slice.0.values', { slice: [{ feature: 'color', values: [''] }] }],
    ['slice.0.missing', { slice: [{ feature: 'color', missing: false }] }],
    ['slice.0.below', { slice: [{ feature: 'x', from: 2, below: 1 }] }],
    [
      'slice.1.from',
      {
        slice: [
          { feature: 'x', from: 0 },
          { feature: 'color', from: 0 },
        ],
      },
    ],
    ['slice', { slice: Array.from({ length: 6 }, () => ({ feature: 'x', from: 0 })) }],
    ['slice', { slice: [{ feature: 'x', below: 0.05 }] }],
  ])('says at %s what is wrong: %j', async (path, variables) => {
    expect(await heldOut(id, variables)).toMatchObject({
      __typename: 'InvalidInput',
      code: 'BAD_USER_INPUT',
      issues: [{ path }],
    });
  });

  it('shows what can be sliced by', async () => {
    const { modelVersion } = await owner.caller.data<{ modelVersion: { sliceFeatures: unknown } }>(
      `query ($id: ID!) { modelVersion(id: $id) {
        sliceFeatures { name kind count missing different values { value count } quantiles } } }`,
      { id },
    );
    const numbers = ofTest
      .filter(({ color }) => color !== '')
      .map(({ x }) => x)
      .sort((a, b) => a - b);
    expect(modelVersion.sliceFeatures).toEqual([
      {
        ...{ name: 'x', kind: 'NUMBER', count: 320, missing: 80, different: null, values: [] },
        quantiles: [0, 59, 119, 179, 239].map((place) => numbers[place]),
      },
      {
        ...{ name: 'color', kind: 'CATEGORY', count: 320, missing: 80, different: 3, quantiles: [] },
        values: ['dark, "blue"', 'red', 'two\nlines'].map((value) => ({ value, count: 80 })),
      },
    ]);
  });

  it('of a version from before features were kept cannot be sliced, and says so', async () => {
    const { id: older } = await trainedModel(test, owner);
    expect(await heldOut(older)).toMatchObject({
      evaluation: { count: 4 },
      intervals: { replicates: 0, resampled: 'EXAMPLES', units: 4 },
    });
    expect(await heldOut(older, { slice: [{ feature: 'x', missing: true }] })).toMatchObject({
      issues: [{ path: 'slice.0.feature', message: expect.stringContaining('train again') as unknown }],
    });
  });
});

describe('compareModels', () => {
  const compare = async (input: object) =>
    (await owner.caller.data<{ compareModels: object }>(COMPARE, { input })).compareModels;

  it('matches held-out examples by id and tests both differences', async () => {
    const datasetId = await readyDataset(owner.caller);
    const before = generate(600, { noise: 1.6, seed: 3 });
    // Of the second: some are in another part, some have another label, and an id is there twice.
    const after = generate(600, { noise: 0.1, seed: 4 }).map((row, n) => {
      if (n === 1) return { ...row, label: 1 - row.label };
      return n % 50 === 2 ? { ...row, part: 'validation' as const } : row;
    });
    const twice = after.find(({ part }, n) => part === 'test' && n > 2)!;
    const [first, second] = [
      await versionOf(before, datasetId),
      await versionOf([...after, twice], datasetId),
    ];
    const answer = await compare({ first, second });
    expect(answer).toMatchObject({
      __typename: 'ModelComparison',
      ...{ first: { id: first }, second: { id: second }, matched: 466, onlyFirst: 12, onlySecond: 0 },
      ...{ differentLabels: 1, ambiguousIds: 1, firstEvaluation: { count: 466 } },
    });
    const { rocAuc, logLoss } = answer as Record<string, Record<string, number>>;
    expect(rocAuc!['difference']).toBeGreaterThan(0);
    expect(rocAuc!['low']).toBeGreaterThan(0);
    expect(rocAuc!['pValue']).toBeLessThan(0.01);
    expect(logLoss!['high']).toBeLessThan(0);
    expect(logLoss!['pValue']).toBeLessThan(0.01);

    const sliced = await compare({ first, second, slice: [{ feature: 'color', values: ['red'] }] });
    const red = before.filter(({ part, color }) => part === 'test' && color === 'red');
    expect(sliced).toMatchObject({ __typename: 'ModelComparison' });
    const { matched, onlyFirst, ambiguousIds, differentLabels } = sliced as Record<string, number>;
    expect(matched! + onlyFirst! + ambiguousIds! + differentLabels!).toBeGreaterThanOrEqual(red.length);
    expect(await compare({ first, second, slice: [{ feature: 'x', values: ['1'] }] })).toMatchObject({
      issues: [{ path: 'input.slice.0.values' }],
    });
  });

  it('refuses versions that share too few held-out examples, or whose ids are lines of different files', async () => {
    const datasetId = await readyDataset(owner.caller);
    const rows = generate(300, { noise: 0.1, seed: 2 });
    const first = await versionOf(rows.slice(0, 150), datasetId);
    const disjoint = await versionOf(rows.slice(150), datasetId);
    expect(await compare({ first, second: disjoint })).toMatchObject({
      ...{ __typename: 'NotComparable', code: 'CONFLICT' },
      message: expect.stringContaining('share 0 held-out examples') as unknown,
    });
    const other = await versionOf(rows);
    expect(await compare({ first, second: other })).toMatchObject({
      ...{ __typename: 'NotComparable', code: 'CONFLICT' },
      message: expect.stringContaining('idColumn') as unknown,
    });
    expect(await compare({ first, second: first })).toMatchObject({
      ...{ __typename: 'InvalidInput', issues: [{ path: 'input.second' }] },
    });
  });

  it("does not know another tenant's versions, and is not for services", async () => {
    const first = await versionOf(generate(100, { noise: 0.1, seed: 2 }));
    const mine = owner;
    owner = await test.tenant();
    const second = await versionOf(generate(100, { noise: 0.1, seed: 2 }));
    expect(await mine.caller.code(COMPARE, { input: { first, second } })).toBe('NOT_FOUND');
    const service = await test.tenant('SERVICE');
    expect(await service.caller.code(COMPARE, { input: { first, second } })).toBe('FORBIDDEN');
  });
});
