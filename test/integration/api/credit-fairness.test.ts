import { readdir } from 'node:fs/promises';
import { announceDataset, configureTable } from '../../support/api/table-dataset';
import { activatePolicy, draftRiskPolicy, threeBands } from '../../support/api/risk-policies';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { startRun, trainedModel } from '../../support/api/trained-model';

const FAIRNESS = `query ($input: CreditFairnessInput!) { creditFairness(input: $input) {
  __typename
  ... on CreditFairness {
    modelVersion { id } policyVersion reference smallGroups smallGroupExamples missing unmatched
    groups {
      group examples isBelowFourFifths approvalRate { estimate low high } defaultRate { estimate } opportunity { estimate }
      adverseImpactRatio { estimate low high } equalOpportunityDifference { estimate }
    }
  }
  ... on InvalidInput { issues { path message } }
  ... on UserError { code message }
} }`;

/** Rows of the file, by line: every third is of the held-out test part. Women are approved half as often. */
const ROWS = Array.from({ length: 600 }, (_, n) => ({
  line: n + 2,
  sex: n % 50 === 0 ? '' : n % 2 === 0 ? 'f' : 'm',
  age: 20 + (n % 50),
  label: n % 7 === 0 ? 1 : 0,
  probability: n % 2 === 0 && n % 4 === 0 ? 0.6 : 0.05,
}));
const FILE = `x,color,label,sex,age\n${ROWS.map(({ label, sex, age }) => `1,red,${label},${sex},${age}`).join('\n')}\n`;
const HELD_OUT = [
  'part,id,label,probability,subject',
  ...ROWS.map(
    ({ line, label, probability }) =>
      `${line % 3 === 0 ? 'test' : 'validation'},${line},${label},${probability},`,
  ),
  // Of a row that is not there.
  'test,9999,1,0.9,',
  '',
].join('\n');

let test: TestApi;
let owner: ApiTenant;
let versionId: string;
beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
  await configureTable(owner.caller);
  const { id, uploadUrl } = await announceDataset(owner.caller);
  expect((await owner.caller.http(uploadUrl, { method: 'PUT', body: FILE })).status).toBe(200);
  const version = await trainedModel(test, owner, {
    runId: await startRun(owner, id),
    kind: 'FINANCIAL_RISK',
    predictionsCsv: HELD_OUT,
  });
  versionId = version.id;
  await owner.caller.data(
    'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { __typename } }',
    { id: versionId },
  );
});
afterAll(() => test.close());

interface Fairness {
  readonly __typename: string;
  readonly groups: ReadonlyArray<{
    readonly group: string;
    readonly examples: number;
    readonly adverseImpactRatio: { readonly estimate: number };
  }>;
  readonly issues?: ReadonlyArray<{ readonly path: string; readonly message: string }>;
}
const fairness = async (input: object) =>
  (await owner.caller.data<{ creditFairness: Fairness }>(FAIRNESS, { input })).creditFairness;

describe('creditFairness', () => {
  const held = ROWS.filter(({ line }) => line % 3 === 0);
  const ofSex = (wanted: string) => held.filter(({ sex }) => sex === wanted);
  const approved = (rows: typeof held) =>
    rows.filter(({ probability }) => probability < 0.15).length / rows.length;

  it('compares groups by a column of the file that the model does not read', async () => {
    const answer = await fairness({ column: 'sex' });
    expect(answer).toMatchObject({
      __typename: 'CreditFairness',
      modelVersion: { id: versionId },
      ...{ policyVersion: 0, reference: 'm', missing: ofSex('').length, unmatched: 1, smallGroups: 0 },
    });
    const of = (group: string) => answer.groups.find((each) => each.group === group);
    expect(of('f')).toMatchObject({ examples: ofSex('f').length, isBelowFourFifths: true });
    expect(of('f')?.adverseImpactRatio.estimate).toBeCloseTo(approved(ofSex('f')) / approved(ofSex('m')), 10);
    expect(of('m')).toMatchObject({ examples: ofSex('m').length, isBelowFourFifths: false });
    expect(await readdir(test.uploads)).toEqual([]);
  });

  it('makes groups of numbers by bounds', async () => {
    const answer = await fairness({ column: 'age', bounds: [30, 60], reference: '30 – 60' });
    expect(answer.groups.map(({ group, examples }) => [group, examples]).sort()).toEqual(
      [
        ['< 30', held.filter(({ age }) => age < 30).length],
        ['30 – 60', held.filter(({ age }) => age >= 30 && age < 60).length],
        ['>= 60', held.filter(({ age }) => age >= 60).length],
      ].sort(),
    );
  });

  it('looks at any version of the policy', async () => {
    await activatePolicy(owner.caller, await draftRiskPolicy(owner.caller, threeBands(0.9, 0.95)));
    expect(await fairness({ column: 'sex' })).toMatchObject({
      policyVersion: 1,
      groups: [{ isBelowFourFifths: false }, { isBelowFourFifths: false }],
    });
    expect(await fairness({ column: 'sex', policyVersion: 0 })).toMatchObject({
      policyVersion: 0,
      reference: 'm',
    });
  });

  it.each<[string, object, string, string]>([
    ['a column that the model reads', { column: 'color' }, 'input.column', 'is read by the model'],
    ['the label', { column: 'label' }, 'input.column', 'is read by the model'],
    ['a column that there is not', { column: 'race' }, 'input.column', 'Others are sex, age'],
    ['bounds that fall', { column: 'age', bounds: [60, 30] }, 'input.bounds', 'each greater'],
  ])('refuses %s', async (_what, input, path, message) => {
    const { issues } = await fairness(input);
    expect(issues).toMatchObject([{ path }]);
    expect(issues?.[0]?.message).toContain(message);
  });

  it('says where no group is large enough, and where nothing is promoted', async () => {
    expect(await fairness({ column: 'age' })).toMatchObject({ __typename: 'Conflict' });
    const other = await test.tenant();
    const { creditFairness } = await other.caller.data<{ creditFairness: object }>(FAIRNESS, {
      input: { column: 'sex' },
    });
    expect(creditFairness).toMatchObject({ __typename: 'ModelNotReady' });
  });
});
