import { likeTraining, TABLE_REFERENCE } from '../../support/api/drifting-model';
import { logPrediction } from '../../support/api/log-prediction';
import { KIND } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { trainedModel } from '../../support/api/trained-model';
import { type ScoredExample } from '../../../src/services/prediction/log/recorded-prediction';

interface Feature {
  readonly part: string;
  readonly name: string;
  readonly state: string;
  readonly psi: number | null;
  readonly ks: number | null;
  readonly bins: readonly { kind: string; referenceShare: number; liveShare: number; live: number }[];
}
interface Answer {
  readonly __typename: string;
  readonly predictions: number;
  readonly hasReference: boolean;
  readonly state: string;
  readonly inputs: string;
  readonly features: readonly Feature[];
  readonly score: Feature | null;
  readonly label: { state: string; outcomes: number; liveRate: number | null } | null;
  readonly issues?: readonly { path: string }[];
}

const FEATURE =
  '{ part name state psi psiExpected psiCritical ks ksCritical bins { kind referenceShare liveShare live } }';
const QUERY = `query ($input: DriftInput!) { drift(input: $input) { __typename
  ... on DriftReport { predictions hasReference state inputs features ${FEATURE} score ${FEATURE}
    label { state outcomes liveRate low high pValue } }
  ... on InvalidInput { issues { path } }
  ... on UserError { code }
} }`;

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

async function ask(input: object = {}, caller = owner.caller): Promise<Answer> {
  const span = { from: '2020-01-01T00:00:00Z', until: '2100-01-01T00:00:00Z' };
  return (await caller.data<{ drift: Answer }>(QUERY, { input: { domain: KIND, ...span, ...input } })).drift;
}

async function record(
  modelVersionId: string,
  count: number,
  change: (n: number) => Partial<ScoredExample> = () => ({}),
): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, (_, n) =>
      logPrediction(test, owner, { ...likeTraining(n), modelVersionId, ...change(n) }),
    ),
  );
}

describe('drift', () => {
  it('is none where predictions are like the training', async () => {
    const { id } = await trainedModel(test, owner, { driftReference: TABLE_REFERENCE });
    await record(id, 200);
    const answer = await ask({ modelVersionId: id });
    expect(answer).toMatchObject({ predictions: 200, hasReference: true, state: 'STABLE', inputs: 'STABLE' });
    expect(answer.features.map(({ name }) => name)).toEqual(['x', 'color']);
    for (const { bins } of [...answer.features, answer.score ?? { bins: [] }]) {
      expect(bins.reduce((sum, { live }) => sum + live, 0)).toBe(200);
      expect(bins.reduce((sum, { referenceShare }) => sum + referenceShare, 0)).toBeCloseTo(1, 9);
      expect(bins.reduce((sum, { liveShare }) => sum + liveShare, 0)).toBeCloseTo(1, 9);
    }
    expect(answer.label).toMatchObject({ state: 'UNKNOWN', outcomes: 0, liveRate: null });
  });

  it('names the feature, the score and the label that have changed', async () => {
    const { id } = await trainedModel(test, owner, { driftReference: TABLE_REFERENCE });
    const ids = await record(id, 200, (n) => {
      const { example } = likeTraining(n);
      const features = { ...example.record.features, color: n % 4 === 0 ? 'green' : 'red' };
      return { example: { ...example, record: { features } }, probability: likeTraining(n).probability / 3 };
    });
    const outcomes = ids.map((predictionId, n) => ({
      predictionId,
      label: n % 2 === 0,
      at: new Date().toISOString(),
    }));
    await owner.caller.data(
      'mutation ($input: RecordOutcomesInput!) { recordOutcomes(input: $input) { __typename } }',
      { input: { domain: KIND, outcomes } },
    );
    const answer = await ask({ modelVersionId: id });
    expect(answer).toMatchObject({ state: 'DRIFTED', inputs: 'DRIFTED' });
    expect(answer.features.map(({ name, state }) => [name, state])).toEqual([
      ['x', 'STABLE'],
      ['color', 'DRIFTED'],
    ]);
    expect(answer.score?.state).toBe('DRIFTED');
    expect(answer.label).toMatchObject({ state: 'DRIFTED', outcomes: 200, liveRate: 0.5 });
  });

  it('says nothing of one subject, however often it is asked about', async () => {
    const { id } = await trainedModel(test, owner, { driftReference: TABLE_REFERENCE });
    await record(id, 200, () => ({ subjectId: 'always the same', probability: 0.01 }));
    expect(await ask({ modelVersionId: id })).toMatchObject({ predictions: 200, state: 'UNKNOWN' });
  });

  it('says of versions without a reference that they have none', async () => {
    const { id } = await trainedModel(test, owner);
    expect(await ask({ modelVersionId: id })).toMatchObject({
      hasReference: false,
      state: 'UNKNOWN',
      features: [],
      score: null,
    });
  });

  it('refuses what cannot be asked', async () => {
    const { id } = await trainedModel(test, owner);
    expect(await ask()).toMatchObject({ __typename: 'ModelNotReady' });
    expect(await ask({ modelVersionId: id, until: '2019-01-01T00:00:00Z' })).toMatchObject({
      __typename: 'InvalidInput',
      issues: [{ path: 'until' }],
    });
    const { errors } = await owner.caller.send(QUERY, {
      input: {
        domain: 'FINANCIAL_RISK',
        modelVersionId: id,
        from: '2020-01-01T00:00:00Z',
        until: '2100-01-01T00:00:00Z',
      },
    });
    expect(errors[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
    const stranger = await test.tenant();
    const { errors: others } = await stranger.caller.send(QUERY, {
      input: {
        domain: KIND,
        modelVersionId: id,
        from: '2020-01-01T00:00:00Z',
        until: '2100-01-01T00:00:00Z',
      },
    });
    expect(others[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
  });
});
