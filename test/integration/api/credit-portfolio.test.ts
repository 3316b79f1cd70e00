import { storeScoring } from '../../support/api/stored-scoring';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { trainedModel } from '../../support/api/trained-model';

const PORTFOLIO = `query ($input: CreditPortfolioInput!) { creditPortfolio(input: $input) {
  __typename
  ... on CreditPortfolio {
    basis modelVersion { id } policyVersion accounts exposure expectedLoss meanProbability exposureFeature
    bands { band { name } accounts share expectedLoss defaultRate { estimate } accountsInBand { nodes { subjectId } } }
    scenarios { name lossGivenDefault expectedLoss lossRatio bands { band { name } accounts } }
  }
  ... on InvalidInput { issues { path } }
  ... on UserError { code message }
} }`;
const ACCOUNTS = `query ($input: CreditPortfolioInput!, $first: Int!, $after: String) { creditPortfolio(input: $input) {
  ... on CreditPortfolio { bands { band { name } accountsInBand(first: $first, after: $after) {
    nodes { subjectId probabilityOfDefault score } pageInfo { hasNextPage endCursor }
  } } }
} }`;

interface Portfolio {
  readonly __typename: string;
  readonly code?: string;
  readonly accounts: number;
  readonly expectedLoss: number;
  readonly issues?: ReadonlyArray<{ readonly path: string }>;
  readonly bands: ReadonlyArray<{ readonly accounts: number; readonly expectedLoss: number }>;
}
interface AccountsOfBand {
  readonly band: { readonly name: string };
  readonly accountsInBand: {
    readonly nodes: ReadonlyArray<{ readonly subjectId: string; readonly score: number }>;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

let test: TestApi;
let owner: ApiTenant;
let versionId: string;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
  const predictionsCsv = [
    'part,id,label,probability,subject,owed',
    'validation,v,1,0.9,1,1',
    'test,a,0,0.02,2,1000',
    'test,b,1,0.05,3,2000',
    'test,c,1,0.5,4,4000',
    'test,d,0,0.5,5,',
    '',
  ].join('\n');
  ({ id: versionId } = await trainedModel(test, owner, { kind: 'FINANCIAL_RISK', predictionsCsv }));
  await owner.caller.data(
    'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { __typename } }',
    { id: versionId },
  );
});
afterAll(() => test.close());

const portfolio = async (input: object = {}) =>
  (await owner.caller.data<{ creditPortfolio: Portfolio }>(PORTFOLIO, { input })).creditPortfolio;

const scoringOf = (probabilities: readonly number[], kind = 'FINANCIAL_RISK') =>
  storeScoring(test, owner, { kind, modelVersionId: versionId, probabilities });

describe('creditPortfolio', () => {
  it('is of the held-out examples unless a scoring is named, with what became of them', async () => {
    const answer = await portfolio();
    expect(answer).toMatchObject({
      ...{
        __typename: 'CreditPortfolio',
        basis: 'HELD_OUT',
        modelVersion: { id: versionId },
        policyVersion: 0,
      },
      ...{ accounts: 4, exposure: 12_000, exposureFeature: null },
      bands: [
        { band: { name: 'A' }, accounts: 1, share: 0.25, defaultRate: { estimate: 0 }, accountsInBand: null },
        { band: { name: 'B' }, accounts: 1, defaultRate: { estimate: 1 } },
        { band: { name: 'C' }, accounts: 0, defaultRate: { estimate: null } },
        { band: { name: 'D' }, accounts: 0 },
        { band: { name: 'E' }, accounts: 2, defaultRate: { estimate: 0.5 } },
      ],
      scenarios: [{ name: 'downturn' }, { name: 'severe', lossGivenDefault: 0.9375 }],
    });
    expect(answer.expectedLoss).toBeCloseTo(0.75 * 3000 * 1.07, 3);
    expect(answer.bands.reduce((sum, band) => sum + band.expectedLoss, 0)).toBeCloseTo(
      answer.expectedLoss,
      9,
    );
  });

  it('reads exposures from the feature that the policy names', async () => {
    await owner.caller.data(
      `mutation { draftRiskPolicy(input: { policy: { exposure: { feature: "owed", standard: 10 },
         bands: [{ name: "all", from: 0, below: 1, decision: APPROVE }] } }) { __typename } }`,
    );
    const answer = await portfolio({ policyVersion: 1 });
    expect(answer).toMatchObject({ policyVersion: 1, exposure: 7010, exposureFeature: 'owed' });
  });

  it('adds up a scoring, and pages through its accounts band by band, the riskiest first', async () => {
    const probabilities = [0.01, 0.5, 0.05, 0.4, 0.2, 0.6, 0.07, 0.3, 1];
    const scoringId = await scoringOf(probabilities);
    expect(await portfolio({ scoringId })).toMatchObject({
      ...{ basis: 'SCORING', accounts: 9, exposure: 27_000 },
      bands: [1, 2, 0, 1, 5].map((accounts) => ({ accounts, defaultRate: null })),
    });
    const pageOf = async (name: string, after?: string) => {
      const { creditPortfolio } = await owner.caller.data<{ creditPortfolio: { bands: AccountsOfBand[] } }>(
        ACCOUNTS,
        { input: { scoringId }, first: 2, after },
      );
      return creditPortfolio.bands.find(({ band }) => band.name === name)!.accountsInBand;
    };
    expect((await pageOf('A')).nodes.map(({ subjectId }) => subjectId)).toEqual(['u0']);
    expect((await pageOf('B')).nodes.map(({ subjectId }) => subjectId)).toEqual(['u6', 'u2']);
    expect((await pageOf('C')).nodes).toEqual([]);
    expect((await pageOf('D')).nodes.map(({ subjectId }) => subjectId)).toEqual(['u4']);
    const worst: string[] = [];
    let page = await pageOf('E');
    for (;;) {
      worst.push(...page.nodes.map(({ subjectId }) => subjectId));
      if (!page.pageInfo.hasNextPage) break;
      page = await pageOf('E', page.pageInfo.endCursor);
    }
    expect(worst).toEqual(['u8', 'u5', 'u1', 'u3', 'u7']);
  });

  it('takes scenarios, and says what is wrong with them', async () => {
    const scenarios = [{ name: 'none' }, { name: 'twice', oddsMultiplier: 2, limitUtilization: 1 }];
    const answer = await portfolio({ scenarios });
    expect(answer).toMatchObject({ scenarios: [{ name: 'none', lossRatio: 1 }, { name: 'twice' }] });
    const wrong = await portfolio({
      scenarios: [
        { name: '', oddsMultiplier: -1 },
        { name: 'x', limitUtilization: 2 },
      ],
    });
    expect(wrong.issues?.map(({ path }) => path)).toEqual([
      'input.scenarios.0.name',
      'input.scenarios.0.oddsMultiplier',
      'input.scenarios.1.limitUtilization',
    ]);
  });

  it('is of the tenant’s own scorings of this domain, and of nothing before the first promotion', async () => {
    const elsewhere = await scoringOf([0.1], 'ECOMMERCE_PURCHASE');
    expect((await portfolio({ scoringId: elsewhere })).issues).toEqual([{ path: 'input.scoringId' }]);
    const mine = await scoringOf([0.1]);
    owner = await test.tenant();
    expect(await owner.caller.code(PORTFOLIO, { input: { scoringId: mine } })).toBe('NOT_FOUND');
    expect(await portfolio()).toMatchObject({ __typename: 'ModelNotReady' });
  });
});
