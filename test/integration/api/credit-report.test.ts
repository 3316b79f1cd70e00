import { activatePolicy, draftRiskPolicy, threeBands } from '../../support/api/risk-policies';
import { riskModel, riskPredictions } from '../../support/api/risk-model';
import { ingest } from '../../support/api/stored-events';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const REPORT = `query ($input: CreditRiskInput!, $exposure: Float) { creditReport(input: $input, exposure: $exposure) {
  __typename
  ... on CreditReport {
    risk { subjectId probability history { source count } modelVersion { number } }
    probabilityOfDefault score band { name } decision creditLimit lossGivenDefault exposureAtDefault exposureSource
    expectedLoss policyVersion reasons { code text feature contribution share }
  }
  ... on InvalidFeatures { issues { path message } }
  ... on UserError { code }
} }`;

interface Report {
  readonly __typename: string;
  readonly probabilityOfDefault: number;
  readonly score: number;
  readonly reasons: ReadonlyArray<{ readonly code: string; readonly share: number }> | null;
  readonly issues?: ReadonlyArray<{ readonly path: string }>;
}

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi({ prediction: riskPredictions });
});
beforeEach(async () => {
  owner = await test.tenant();
  riskModel.explains = true;
});
afterAll(() => test.close());

async function report(input: object, exposure?: number): Promise<Report> {
  const { creditReport } = await owner.caller.data<{ creditReport: Report }>(REPORT, { input, exposure });
  return creditReport;
}
const at = '2025-05-02T09:00:00Z';
const applicant = (debtToIncome: number, income: number | null = 40_000) => ({ debtToIncome, income });
const statement = (day: string, balance: number, utilization: number) => ({
  ...{ at: `2025-04-${day}T06:00:00Z`, kind: 'statement', balance, utilization },
});

describe('creditReport', () => {
  it('says probability, score, band, decision, limit, loss and reasons, by the domain’s default policy', async () => {
    const history = [statement('01', 400, 0.2), statement('20', 1000, 0.5)];
    const answer = await report({ accountId: 'a1', at, applicant: applicant(0.0625), history });
    expect(answer).toEqual({
      __typename: 'CreditReport',
      risk: {
        subjectId: 'a1',
        probability: 0.0625,
        history: { source: 'GIVEN', count: 2 },
        modelVersion: { number: 1 },
      },
      probabilityOfDefault: 0.0625,
      score: 600 + 20 * Math.log2(15 / 30),
      band: { name: 'B' },
      decision: 'APPROVE',
      creditLimit: 8_000,
      lossGivenDefault: 0.75,
      exposureAtDefault: 1500,
      exposureSource: 'STATEMENT',
      expectedLoss: 0.0625 * 0.75 * 1500,
      policyVersion: 0,
      reasons: [
        {
          code: 'R02',
          text: 'Debt payments are high in relation to income.',
          feature: 'debtToIncome',
          contribution: 1,
          share: 1 / 2.375,
        },
        expect.objectContaining({ code: 'R09', contribution: 0.75 }),
        expect.objectContaining({ code: 'R06', contribution: 0.5 }),
        expect.objectContaining({ code: 'historyLength', contribution: 0.125 }),
      ],
    });
  });

  it('looks up the account’s stored events, and knows from them what is owed', async () => {
    const events = [
      ['e1', 'a7', '2025-04-01T06:00:00Z', 500, 0.25],
      ['e2', 'a7', '2025-04-20T06:00:00Z', 900, 0.45],
      ['e3', 'a8', '2025-04-21T06:00:00Z', 9000, 0.9],
    ].map(([id, subjectId, moment, balance, utilization]) => ({
      ...{ id: String(id), subjectId: String(subjectId), at: String(moment), kind: 'statement' },
      values: [
        { name: 'balance', number: Number(balance) },
        { name: 'utilization', number: Number(utilization) },
      ],
    }));
    expect((await ingest(owner.caller, events, 'FINANCIAL_RISK')).accepted).toBe(3);
    expect(await report({ accountId: 'a7', at, applicant: applicant(0.5) })).toMatchObject({
      risk: { history: { source: 'LOOKED_UP', count: 2 } },
      decision: 'DECLINE',
      creditLimit: 0,
      exposureAtDefault: 900 + 0.5 * 1100,
      exposureSource: 'STATEMENT',
    });
  });

  it('follows the tenant’s own policy as soon as it is activated, and nobody else’s', async () => {
    const input = { at, applicant: applicant(0.2), history: [] };
    expect(await report(input)).toMatchObject({ decision: 'REVIEW', policyVersion: 0 });
    const policy = { ...threeBands(0.25, 0.5), lossGivenDefault: 0.5, score: { base: 500, odds: 1 } };
    await activatePolicy(owner.caller, await draftRiskPolicy(owner.caller, policy));
    expect(await report(input, 1000)).toMatchObject({
      ...{ decision: 'APPROVE', band: { name: 'good' }, creditLimit: 5_000, policyVersion: 1 },
      ...{ lossGivenDefault: 0.5, exposureAtDefault: 1000, exposureSource: 'GIVEN' },
    });
    expect((await report(input)).score).toBeCloseTo(500 + 20 * 2, 4);
    owner = await test.tenant();
    expect(await report(input)).toMatchObject({ decision: 'REVIEW', policyVersion: 0 });
  });

  it('gives no reasons where the version cannot', async () => {
    riskModel.explains = false;
    const answer = await report({ at, applicant: applicant(0.2), history: [] });
    expect(answer).toMatchObject({ __typename: 'CreditReport', reasons: null });
  });

  it.each<[string, object, number | undefined, string]>([
    ['a negative exposure', {}, -1, 'exposure'],
    ['an exposure beyond all bounds', {}, 1e13, 'exposure'],
    [
      'a history from the future',
      { history: [statement('01', 1, 1)], at: '2025-03-01T00:00:00Z' },
      1,
      'history.0',
    ],
    ['a feature that there is not', { features: [{ name: 'race', text: 'x' }] }, 1, 'features.race'],
  ])('refuses %s with its place', async (_what, change, exposure, place) => {
    const answer = await report({ at, applicant: applicant(0.2), history: [], ...change }, exposure);
    expect(answer.__typename).toBe('InvalidFeatures');
    expect(answer.issues?.[0]?.path).toContain(place);
  });
});
