import { text } from 'node:stream/consumers';
import { type HeldOutPrediction } from '../../../src/learning/train-model';
import { predictionsCsv } from '../../../src/services/training/predictions-csv';
import { activatePolicy, draftRiskPolicy, everybody, threeBands } from '../../support/api/risk-policies';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { trainedModel } from '../../support/api/trained-model';

const ACTIVE = `{ riskPolicy { id kind version isActive note document createdAt
  policy { lossGivenDefault score { base } bands { name from below decision maximumLimit incomeShare } reasons { texts { feature code text } } } } }`;
const PREVIEW = `query ($input: PreviewRiskPolicyInput!) { previewRiskPolicy(input: $input) {
  __typename
  ... on RiskPolicyPreview {
    modelVersion { id } examples positives subjects activeVersion
    figures { summary decisions { decision share { estimate low high examples } defaultRate { estimate } } bands { name } expectedLoss observedLoss }
    activeFigures { decisions { share { estimate } } }
  }
  ... on InvalidPolicy { code issues { path message } }
  ... on InvalidInput { issues { path } }
  ... on UserError { code message }
} }`;
const ROLLBACK = `mutation { rollbackPolicy(input: { kind: FINANCIAL_RISK }) {
  __typename ... on RollbackPolicySuccess { policy { id version isActive ... on RiskPolicyVersion { policy { lossGivenDefault } } } }
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

interface Active {
  readonly riskPolicy: {
    readonly id: string | null;
    readonly version: number;
    readonly isActive: boolean;
    readonly note: string | null;
    readonly policy: { readonly bands: { readonly name: string; readonly decision: string }[] };
    readonly document: { readonly lossGivenDefault: number };
  };
}
const active = async () => (await owner.caller.data<Active>(ACTIVE)).riskPolicy;

describe('a policy', () => {
  it('is the domain’s default until a tenant activates its own, and again when that is taken back', async () => {
    const standard = await active();
    expect(standard).toMatchObject({ id: null, version: 0, isActive: true, note: null });
    expect(standard.policy.bands.map(({ name }) => name)).toEqual(['A', 'B', 'C', 'D', 'E']);

    const first = await draftRiskPolicy(owner.caller, threeBands(0.1, 0.3), 'cautious');
    expect((await active()).version).toBe(0);
    await activatePolicy(owner.caller, first);
    expect(await active()).toMatchObject({ id: first, version: 1, isActive: true, note: 'cautious' });

    const second = await draftRiskPolicy(owner.caller, { ...everybody('REVIEW'), lossGivenDefault: 0.5 });
    await activatePolicy(owner.caller, second);
    expect(await active()).toMatchObject({ version: 2, document: { lossGivenDefault: 0.5 } });

    const back = await owner.caller.data<{ rollbackPolicy: object }>(ROLLBACK);
    expect(back.rollbackPolicy).toEqual({
      __typename: 'RollbackPolicySuccess',
      policy: { id: first, version: 1, isActive: true, policy: { lossGivenDefault: 0.75 } },
    });
    expect((await active()).version).toBe(1);
    await owner.caller.data(ROLLBACK);
    expect((await active()).version).toBe(0);
    const further = await owner.caller.data<{ rollbackPolicy: object }>(ROLLBACK);
    expect(further.rollbackPolicy).toEqual({ __typename: 'Conflict' });

    const { domain } = await owner.caller.data<{
      domain: { policy: object; policyActivations: { nodes: object[] } };
    }>(
      '{ domain(kind: FINANCIAL_RISK) { policy { version } policyActivations { nodes { action policyId } } } }',
    );
    expect(domain).toEqual({
      policy: { version: 0 },
      policyActivations: {
        nodes: [
          { action: 'ROLLBACK', policyId: null },
          { action: 'ROLLBACK', policyId: first },
          { action: 'ACTIVATE', policyId: second },
          { action: 'ACTIVATE', policyId: first },
        ],
      },
    });
    const { riskPolicies } = await owner.caller.data<{ riskPolicies: { nodes: object[] } }>(
      '{ riskPolicies { nodes { version isActive } } }',
    );
    expect(riskPolicies.nodes).toEqual([
      { version: 2, isActive: false },
      { version: 1, isActive: false },
    ]);
  });

  it('is activated once: again, it changes nothing', async () => {
    const id = await draftRiskPolicy(owner.caller, everybody('APPROVE'));
    await activatePolicy(owner.caller, id);
    await activatePolicy(owner.caller, id);
    await owner.caller.data(ROLLBACK);
    expect((await active()).version).toBe(0);
  });

  it('gets numbers without a gap, however many are drafted at once', async () => {
    await Promise.all(Array.from({ length: 6 }, () => draftRiskPolicy(owner.caller, everybody('REVIEW'))));
    const { riskPolicies } = await owner.caller.data<{ riskPolicies: { nodes: { version: number }[] } }>(
      '{ riskPolicies { nodes { version } } }',
    );
    expect(riskPolicies.nodes.map(({ version }) => version)).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('that contradicts itself is refused with the place, and nothing is written', async () => {
    const policy = threeBands(0.1, 0.3);
    const bands = policy.bands.map((band, i) => (i === 1 ? { ...band, from: 0.05 } : band));
    const { draftRiskPolicy } = await owner.caller.data<{ draftRiskPolicy: object }>(
      `mutation ($input: DraftRiskPolicyInput!) { draftRiskPolicy(input: $input) {
        __typename ... on InvalidPolicy { code issues { path message } }
      } }`,
      { input: { policy: { bands, lossGivenDefault: -1 } } },
    );
    expect(draftRiskPolicy).toMatchObject({
      __typename: 'InvalidPolicy',
      code: 'INVALID_CONFIGURATION',
      issues: [{ path: 'policy.lossGivenDefault' }, { path: 'policy.bands.1.from' }],
    });
    const preview = await owner.caller.data<{ previewRiskPolicy: object }>(PREVIEW, {
      input: { policy: { bands } },
    });
    expect(preview.previewRiskPolicy).toMatchObject({
      __typename: 'InvalidPolicy',
      issues: [{ path: 'policy.bands.1.from', message: 'overlaps the band good, which ends at 0.1' }],
    });
    const { riskPolicies } = await owner.caller.data<{ riskPolicies: { nodes: object[] } }>(
      '{ riskPolicies { nodes { version } } }',
    );
    expect(riskPolicies.nodes).toEqual([]);
  });

  it('is another tenant’s business: as if it were not there', async () => {
    const other = await test.tenant();
    const id = await draftRiskPolicy(other.caller, everybody('APPROVE'));
    await activatePolicy(other.caller, id);
    expect((await active()).version).toBe(0);
    const code = await owner.caller.code(
      'mutation ($id: ID!) { activatePolicy(input: { policyId: $id }) { __typename } }',
      { id },
    );
    expect(code).toBe('NOT_FOUND');
    expect(await owner.caller.code('{ riskPolicy(version: 1) { id } }')).toBe('NOT_FOUND');
  });

  it('is drafted and activated by administrators only, and read by all of the tenant', async () => {
    const analyst = await test.tenant('ANALYST');
    const code = await analyst.caller.code(
      'mutation { rollbackPolicy(input: { kind: FINANCIAL_RISK }) { __typename } }',
    );
    expect(code).toBe('FORBIDDEN');
    const service = await test.tenant('SERVICE');
    expect((await service.caller.data<Active>(ACTIVE)).riskPolicy.version).toBe(0);
  });

  it('of another process is in force here soon: it is announced', async () => {
    expect((await active()).version).toBe(0);
    await test.database.inTenant(owner.id, async (scope) => {
      const [row] = await scope.query<{ id: string }>(
        `INSERT INTO policies (tenant_id, id, kind, version, document, created_by)
         VALUES ($1, gen_random_uuid(), 'FINANCIAL_RISK', 1, $2, $3) RETURNING id`,
        [owner.id, JSON.stringify(everybody('DECLINE')), owner.keyId],
      );
      await scope.query(
        `INSERT INTO policy_activations (tenant_id, id, kind, policy_id, action, decided_by)
         VALUES ($1, gen_random_uuid(), 'FINANCIAL_RISK', $2, 'ACTIVATE', $3)`,
        [owner.id, row?.id, owner.keyId],
      );
      await scope.notify('policy_decided', { tenantId: owner.id, kind: 'FINANCIAL_RISK' });
    });
    let found = await active();
    for (let tries = 0; tries < 200 && found.version === 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      found = await active();
    }
    expect(found).toMatchObject({ version: 1, document: { lossGivenDefault: 0.75 } });
  });
});

describe('the preview of a policy', () => {
  /** Test examples of two per subject; the validation part would spoil every share if it were counted. */
  const rows: HeldOutPrediction[] = Array.from({ length: 400 }, (_, n) => ({
    part: n < 100 ? 'validation' : 'test',
    id: String(n),
    label: n < 100 ? 1 : Number(n % 20 === 0),
    probability: n < 100 ? 0.99 : n % 4 === 0 ? 0.5 : n % 4 === 1 ? 0.2 : 0.05,
    subject: n >> 1,
  }));
  const promoted = async () => {
    const { id } = await trainedModel(test, owner, {
      kind: 'FINANCIAL_RISK',
      predictionsCsv: await text(predictionsCsv(rows, [])),
    });
    await owner.caller.data(
      'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { __typename } }',
      { id },
    );
    return id;
  };
  const preview = async (input: object) =>
    (await owner.caller.data<{ previewRiskPolicy: Record<string, unknown> }>(PREVIEW, { input }))
      .previewRiskPolicy;

  it('says what it would have done on held-out examples, beside what is in force', async () => {
    const modelVersionId = await promoted();
    const answer = await preview({ policy: threeBands(0.1, 0.3) });
    expect(answer).toMatchObject({
      __typename: 'RiskPolicyPreview',
      modelVersion: { id: modelVersionId },
      examples: 300,
      positives: 15,
      subjects: 150,
      activeVersion: 0,
      figures: {
        decisions: [
          { decision: 'APPROVE', share: { estimate: 0.5, examples: 300 }, defaultRate: { estimate: 0 } },
          { decision: 'REVIEW', share: { estimate: 0.25 }, defaultRate: { estimate: 0 } },
          { decision: 'DECLINE', share: { estimate: 0.25 }, defaultRate: { estimate: 0.2 } },
        ],
        bands: [{ name: 'good' }, { name: 'fair' }, { name: 'poor' }],
        observedLoss: 0,
      },
    });
    expect((answer['figures'] as { summary: string }).summary).toContain('approved 50.0 % (');
    expect(answer['activeFigures']).toMatchObject({ decisions: [{ share: { estimate: 0.5 } }, {}, {}] });
  });

  it('takes a drafted version, and needs one or the other', async () => {
    await promoted();
    await draftRiskPolicy(owner.caller, everybody('APPROVE'));
    expect(await preview({ version: 1 })).toMatchObject({
      figures: { decisions: [{ share: { estimate: 1 }, defaultRate: { estimate: 0.05 } }, {}, {}] },
    });
    expect(await preview({})).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: 'input' }] });
    expect(await preview({ version: 1, policy: everybody('APPROVE') })).toMatchObject({
      __typename: 'InvalidInput',
    });
  });

  it('says that there is no past before anything is promoted', async () => {
    expect(await preview({ policy: everybody('APPROVE') })).toMatchObject({ __typename: 'ModelNotReady' });
  });
});
