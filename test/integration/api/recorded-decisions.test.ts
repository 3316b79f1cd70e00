import { AD_KIND, AD_SPEC, ad, adModel, adPredictions, ago } from '../../support/api/ad-model';
import { recordedVersion } from '../../support/api/promoted-version';
import { RISK_SPEC, riskModel, riskPredictions } from '../../support/api/risk-model';
import { activatePolicy, draftRiskPolicy, threeBands } from '../../support/api/risk-policies';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const RECORDED = `query ($id: ID!) {
  prediction(id: $id) { probability decision subjectId decided { policyVersion decision circumstances } }
  replayPrediction(id: $id) { identical decided { policyVersion identical decision } }
}`;

interface Found {
  readonly prediction: {
    readonly decided: {
      readonly policyVersion: number;
      readonly decision: object;
      readonly circumstances: object;
    };
  };
  readonly replayPrediction: {
    readonly identical: boolean;
    readonly decided: {
      readonly policyVersion: number;
      readonly identical: boolean;
      readonly decision: object;
    };
  };
}

const found = (owner: ApiTenant, id: string) => owner.caller.data<Found>(RECORDED, { id });
const stored = (test: TestApi, owner: ApiTenant) =>
  test.database.inTenant(owner.id, (scope) => scope.query('SELECT prediction_id FROM prediction_decisions'));

describe('a credit decision', () => {
  let test: TestApi;
  let owner: ApiTenant;
  beforeAll(async () => {
    test = await startTestApi({ prediction: riskPredictions });
  });
  beforeEach(async () => {
    owner = await test.tenant();
    Object.assign(riskModel, {
      explains: true,
      recordShare: 0,
      versionId: await recordedVersion(test, owner, { kind: 'FINANCIAL_RISK', featureSpec: RISK_SPEC }),
    });
  });
  afterAll(() => test.close());

  const at = '2025-05-02T09:00:00Z';
  const applicant = (debtToIncome: number) => ({ debtToIncome, income: 40_000 });
  const FIELDS = `__typename ... on CreditReport {
    score decision band { name } creditLimit lossGivenDefault exposureAtDefault exposureSource expectedLoss policyVersion
  } ... on InvalidFeatures { issues { path } }`;
  const report = async (input: object, more: string): Promise<Record<string, unknown>> => {
    const { creditReport } = await owner.caller.data<{ creditReport: Record<string, unknown> }>(
      `query ($input: CreditRiskInput!) { creditReport(input: $input) { ${FIELDS} ... on CreditReport { ${more} } } }`,
      { input },
    );
    return creditReport;
  };

  it('is found under its id, and made again by the policy that made it, whatever is in force later', async () => {
    const history = [{ at: '2025-04-20T06:00:00Z', kind: 'statement', balance: 1000, utilization: 0.5 }];
    const answer = await report(
      { accountId: 'a1', at, applicant: applicant(0.2), history },
      'id risk { id }',
    );
    const { __typename, id, risk, band, policyVersion, ...terms } = answer;
    expect(risk).toEqual({ id });
    const policy = { ...threeBands(0.25, 0.5), lossGivenDefault: 0.5 };
    await activatePolicy(owner.caller, await draftRiskPolicy(owner.caller, policy));
    const { prediction, replayPrediction } = await found(owner, String(id));
    const decision = { ...terms, band: (band as { name: string }).name };
    expect(__typename).toBe('CreditReport');
    expect(prediction).toMatchObject({ subjectId: 'a1', decision: 'LOW_RISK' });
    expect(prediction.decided).toEqual({
      policyVersion,
      decision,
      circumstances: { exposure: { amount: 1500, source: 'STATEMENT' } },
    });
    expect(replayPrediction).toEqual({
      identical: true,
      decided: { policyVersion: 0, identical: true, decision },
    });
    const later = await report({ at, applicant: applicant(0.2), history }, 'id');
    expect(later).toMatchObject({ decision: 'APPROVE', policyVersion: 1 });
    expect((await found(owner, String(later['id']))).replayPrediction.decided).toMatchObject({
      ...{ policyVersion: 1, identical: true },
      decision: { decision: 'APPROVE', band: 'good' },
    });
  });

  it('is recorded where its id is asked for, or the prediction is recorded anyway', async () => {
    await report({ at, applicant: applicant(0.2), history: [] }, 'probabilityOfDefault');
    expect(await stored(test, owner)).toEqual([]);
    const { risk } = await report({ at, applicant: applicant(0.2), history: [] }, 'risk { id }');
    expect(await stored(test, owner)).toEqual([{ prediction_id: (risk as { id: string }).id }]);
    riskModel.recordShare = 1;
    await report({ at, applicant: applicant(0.2), history: [] }, 'probabilityOfDefault');
    expect(await stored(test, owner)).toHaveLength(2);
  });

  it('is made of many at once, each in its place, and what is wrong with one harms no other', async () => {
    const inputs = [
      { at, applicant: applicant(0.01), history: [] },
      { at, applicant: applicant(0.2), history: [], features: [{ name: 'race', text: 'x' }] },
      { at, applicant: applicant(0.9), history: [] },
      { at, applicant: applicant(0.2), history: [] },
    ];
    const { creditReports } = await owner.caller.data<{ creditReports: object[] }>(
      `query ($inputs: [CreditRiskInput!]!, $exposures: [Float]) {
        creditReports(inputs: $inputs, exposures: $exposures) { ${FIELDS} ... on CreditReport { id } } }`,
      { inputs, exposures: [500, 1, null, -1] },
    );
    expect(creditReports).toMatchObject([
      { decision: 'APPROVE', exposureAtDefault: 500, exposureSource: 'GIVEN' },
      { __typename: 'InvalidFeatures', issues: [{ path: '1.features.race' }] },
      { decision: 'DECLINE', creditLimit: 0 },
      { __typename: 'InvalidFeatures', issues: [{ path: 'exposures.3' }] },
    ]);
    const { errors } = await owner.caller.send(
      'query ($inputs: [CreditRiskInput!]!) { creditReports(inputs: $inputs, exposures: [1]) { __typename } }',
      { inputs },
    );
    expect(errors[0]).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', issues: [{ path: 'exposures' }] },
    });
  });

  it('is nobody else’s', async () => {
    const { id } = await report({ at, applicant: applicant(0.2), history: [] }, 'id');
    const other = await test.tenant();
    const { errors } = await other.caller.send(RECORDED, { id: String(id) });
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['NOT_FOUND', 'NOT_FOUND']);
    expect(await stored(test, other)).toEqual([]);
  });
});

describe('a ranked ad', () => {
  let test: TestApi;
  let owner: ApiTenant;
  beforeAll(async () => {
    test = await startTestApi({ prediction: adPredictions });
  });
  beforeEach(async () => {
    adModel.reset();
    owner = await test.tenant();
    adModel.versionId = await recordedVersion(test, owner, { kind: AD_KIND, featureSpec: AD_SPEC });
  });
  afterAll(() => test.close());

  it('is found and valued again as it was ranked: by eCPM, what was drawn with the seed, and pacing', async () => {
    const campaigns = [{ id: 'c', budget: 100, spent: 60, startsAt: ago(24), endsAt: ago(-24) }];
    const candidates = [ad('a', { bid: 2, category: 'games' }), ad('b', { bid: 3, campaign: 'c' }), ad('c')];
    const { rankAds } = await owner.caller.data<{
      rankAds: {
        policyVersion: number;
        seed: number;
        ads: (Record<string, unknown> & { predictionId: string })[];
      };
    }>(
      `query ($input: RankAdsInput!) { rankAds(input: $input) { ... on RankedAds { policyVersion seed
        ads { adId ctr eCpm smoothedCtr score predictionId prediction { id subjectId probability reasons { __typename } } } } } }`,
      { input: { at: ago(0), userId: 'm1', candidates, campaigns, first: 2 } },
    );
    expect(rankAds.ads).toHaveLength(2);
    for (const [position, { predictionId, prediction, ...value }] of rankAds.ads.entries()) {
      expect(prediction).toEqual({
        ...{ id: predictionId, subjectId: 'm1', probability: value['ctr'] },
        reasons: { __typename: 'ReasonsUnavailable' },
      });
      const answer = await found(owner, predictionId);
      const decision = { ...value, seed: rankAds.seed };
      expect(answer.prediction.decided).toMatchObject({
        ...{ policyVersion: rankAds.policyVersion, decision },
        circumstances: { adId: value['adId'], position, eligible: 3 },
      });
      expect(answer.replayPrediction).toEqual({
        identical: true,
        decided: { policyVersion: rankAds.policyVersion, identical: true, decision },
      });
    }
    expect(await stored(test, owner)).toHaveLength(2);
  });
});
