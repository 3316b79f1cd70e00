import { evaluate } from '../../../src/learning/evaluation/evaluate';
import { isStatementTimeout } from '../../../src/platform/persistence/database-errors';
import { LiveMetricsService } from '../../../src/services/prediction/outcomes/live-metrics.service';
import { logPrediction } from '../../support/api/log-prediction';
import { KIND } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { trainedModel } from '../../support/api/trained-model';

let test: TestApi;
let owner: ApiTenant;
let first: string;
let second: string;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
  [first, second] = [(await trainedModel(test, owner)).id, (await trainedModel(test, owner)).id];
});
afterAll(() => test.close());

interface Metric {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly reason: string | null;
}
interface Group {
  readonly modelVersionId: string | null;
  readonly day: string | null;
  readonly segment: string | null;
  readonly predictions: number;
  readonly outcomes: number;
  readonly positives: number;
  readonly evaluated: number;
  readonly decidedYes: number;
  readonly averageProbability: number;
  readonly valued: number;
  readonly value: number | null;
  readonly valueOfYes: number | null;
  readonly rocAuc: Metric;
  readonly logLoss: Metric;
  readonly brier: Metric;
  readonly ece: Metric;
  readonly baseRate: Metric;
  readonly calibration: readonly { readonly count: number }[];
}
interface Answer {
  readonly groups?: readonly Group[];
  readonly issues?: readonly { readonly path: string }[];
}

const METRIC = '{ value low high reason }';
const QUERY = `query ($input: LiveMetricsInput!) { liveMetrics(input: $input) {
  ... on LiveMetrics { groups {
    modelVersionId day segment predictions outcomes positives evaluated decidedYes averageProbability valued value valueOfYes
    rocAuc ${METRIC} logLoss ${METRIC} brier ${METRIC} ece ${METRIC} baseRate ${METRIC} calibration { count }
  } }
  ... on InvalidInput { issues { path } }
} }`;

const SPAN = { from: '2020-01-01T00:00:00Z', until: '2100-01-01T00:00:00Z' };
async function metrics(input: object = {}, { caller } = owner): Promise<Answer> {
  const { liveMetrics } = await caller.data<{ liveMetrics: Answer }>(QUERY, {
    input: { domain: KIND, ...SPAN, ...input },
  });
  return liveMetrics;
}

interface Told {
  readonly modelVersionId: string;
  readonly color: string | null;
  readonly probability: number;
  readonly label?: boolean | null;
  readonly value?: number;
  readonly shadowOf?: string;
}

/** Records predictions, and tells the outcomes of those that have one. */
async function tell(told: readonly Told[]): Promise<string[]> {
  const ids = await Promise.all(
    told.map(({ modelVersionId, color, probability, shadowOf = null }) =>
      logPrediction(test, owner, {
        ...{ modelVersionId, probability: Math.fround(probability), shadowOf },
        role: shadowOf === null ? 'CHAMPION' : 'CHALLENGER',
        example: {
          record: { features: { x: 1, color } },
          history: { source: 'NONE', count: 0, latestAt: null },
        },
      }),
    ),
  );
  const outcomes = told.flatMap(({ label, value }, index) =>
    label == null ? [] : [{ predictionId: ids[index], label, value, at: '2025-03-02T00:00:00Z' }],
  );
  await owner.caller.data(
    'mutation ($input: RecordOutcomesInput!) { recordOutcomes(input: $input) { __typename } }',
    { input: { domain: KIND, outcomes } },
  );
  return ids;
}

/** Probabilities and labels that go together, without chance. */
const series = (count: number, modelVersionId: string, color: string | null = 'red'): Told[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ modelVersionId, color, value: index },
    probability: ((index * 37) % 100) / 100,
    label: (index * 37) % 100 > 20 + ((index * 13) % 50),
  }));

describe('liveMetrics', () => {
  it('is what the evaluation of the same examples says, of each version and category', async () => {
    const told = [...series(90, first), ...series(60, first, 'TRUE'), ...series(50, second, null)];
    await tell([...told, ...series(7, first).map((each) => ({ ...each, label: null }))]);
    const { groups } = await metrics({ by: ['VERSION', 'SEGMENT'], segment: 'color' });
    expect(groups).toHaveLength(3);
    for (const group of groups!) {
      const own = told.filter(
        ({ modelVersionId, color }) =>
          modelVersionId === group.modelVersionId && (color === 'TRUE' ? 'true' : color) === group.segment,
      );
      const expected = evaluate(
        Float32Array.from(own, ({ label }) => Number(label)),
        Float32Array.from(own, ({ probability }) => probability),
        0.5,
      );
      const yes = own.filter(({ probability }) => Math.fround(probability) >= 0.5);
      const sum = (list: readonly Told[]) => list.reduce((total, { value = 0 }) => total + value, 0);
      const unknown = group.segment === 'red' ? series(7, first) : [];
      expect(group).toMatchObject({
        ...{ predictions: own.length + unknown.length, outcomes: own.length, evaluated: own.length },
        ...{ positives: expected.positives, valued: own.length, value: sum(own), valueOfYes: sum(yes) },
        decidedYes: [...own, ...unknown].filter(({ probability }) => probability >= 0.5).length,
      });
      for (const name of ['rocAuc', 'logLoss', 'brier', 'ece'] as const) {
        const { value, low, high, reason } = group[name];
        expect({ name, value, reason }).toEqual({
          ...{ name, reason: null },
          value: expect.closeTo(expected[name]!, 10) as number,
        });
        if (name === 'ece') continue;
        expect(low).toBeLessThan(value!);
        expect(high).toBeGreaterThan(value!);
      }
      expect(group.baseRate.value).toBeCloseTo(expected.positives / own.length, 10);
      expect(group.calibration.reduce((total, { count }) => total + count, 0)).toBeCloseTo(own.length, 6);
    }
    const [all] = (await metrics()).groups!;
    expect(all).toMatchObject({
      predictions: 207,
      outcomes: 200,
      modelVersionId: null,
      segment: null,
      day: null,
    });
    expect((await metrics({ modelVersionId: second })).groups).toMatchObject([{ predictions: 50 }]);
  });

  it('says where there are too few outcomes, or one class alone', async () => {
    await tell([
      ...series(29, first, 'few'),
      ...series(40, first, 'positive').map((each) => ({ ...each, label: true })),
      ...series(3, first, 'unknown').map((each) => ({ ...each, label: null })),
    ]);
    const { groups } = await metrics({ by: ['SEGMENT'], segment: 'color' });
    const reasons = groups!.map(({ segment, rocAuc, logLoss, baseRate, value }) => ({
      ...{ segment, rocAuc: rocAuc.reason, logLoss: logLoss.reason, baseRate: baseRate.reason },
      isValued: value !== null,
    }));
    const few = 'TOO_FEW_OUTCOMES';
    expect(reasons).toEqual([
      { segment: 'few', rocAuc: few, logLoss: few, baseRate: null, isValued: true },
      { segment: 'positive', rocAuc: 'ONE_CLASS', logLoss: null, baseRate: null, isValued: true },
      {
        ...{ segment: 'unknown', rocAuc: 'NO_OUTCOMES', logLoss: 'NO_OUTCOMES' },
        ...{ baseRate: 'NO_OUTCOMES', isValued: false },
      },
    ]);
    for (const { rocAuc } of groups!) expect(rocAuc).toMatchObject({ value: null, low: null, high: null });
  });

  it('groups by the day of the answer, in UTC, and reads the span that is asked for', async () => {
    await tell(series(3, first));
    const day = `${new Date().toISOString().slice(0, 10)}T00:00:00.000Z`;
    const { groups } = await metrics({ by: ['DAY'] });
    expect(groups!.reduce((sum, { predictions }) => sum + predictions, 0)).toBe(3);
    expect([day, `${new Date().toISOString().slice(0, 10)}T00:00:00.000Z`]).toContain(groups!.at(-1)!.day);
    expect((await metrics({ until: '2021-01-01T00:00:00Z' })).groups).toEqual([]);
  });

  it('has what was not shown with the outcomes of what was, and only when it is asked for', async () => {
    const shown = series(40, first);
    const ids = await tell(shown);
    await tell(
      shown.map(({ color, probability }, index) => ({
        ...{ modelVersionId: second, color, shadowOf: ids[index]! },
        probability: 1 - probability,
      })),
    );
    expect((await metrics({ by: ['VERSION'] })).groups).toMatchObject([{ modelVersionId: first }]);
    const { groups } = await metrics({ by: ['VERSION'], includeShadow: true });
    const auc = (id: string) => groups!.find(({ modelVersionId }) => modelVersionId === id)!.rocAuc.value;
    expect(groups).toHaveLength(2);
    expect(auc(second)).toBeCloseTo(1 - auc(first)!, 10);
  });

  it('says that a span holds too much, where it takes too long to read', async () => {
    const slow = (statement: string) =>
      test.database.asOfOneMoment(owner.id, async (scope) => {
        await scope.query("SELECT set_config('statement_timeout', '5', true)");
        return scope.query<never>(statement);
      });
    const error: unknown = await slow('SELECT pg_sleep(5)').catch((thrown: unknown) => thrown);
    expect(isStatementTimeout(error)).toBe(true);
    const service = new LiveMetricsService({ asOfOneMoment: () => slow('SELECT pg_sleep(5)') as never });
    const ctx = { requestId: 'r', actor: { id: 'k', role: 'ANALYST', tenantId: owner.id } } as const;
    const request = { domain: KIND, from: new Date(0), until: new Date() };
    await expect(service.of(ctx, request)).rejects.toMatchObject({ issues: [{ path: 'until' }] });
  });

  it('knows nothing of another tenant’s predictions, and says what is wrong with a request', async () => {
    await tell(series(3, first));
    const stranger = await test.tenant();
    expect((await metrics({}, stranger)).groups).toEqual([]);
    expect((await metrics({ modelVersionId: first }, stranger)).groups).toEqual([]);
    const issue = async (input: object) => (await metrics(input)).issues?.map(({ path }) => path);
    expect(await issue({ until: '2019-01-01T00:00:00Z' })).toEqual(['until']);
    expect(await issue({ by: ['SEGMENT'] })).toEqual(['segment']);
    expect(await issue({ segment: 'color' })).toEqual(['segment']);
    expect(await issue({ modelVersionId: 'x' })).toEqual(['modelVersionId']);
  });
});
