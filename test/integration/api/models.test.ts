import { Notifications } from '../../../src/platform/persistence/notifications';
import { RateLimiter } from '../../../src/platform/tenancy/rate-limiter';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { KIND } from '../../support/api/table-dataset';
import { baselineOf, changeRun, PREDICTIONS_CSV, trainedModel } from '../../support/api/trained-model';
import { until } from '../../support/training/until';

const PROMOTE = `mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) {
  __typename
  ... on PromoteModelSuccess { promotion { action modelVersion { id } } champion { id number isChampion } }
  ... on UserError { code message }
} }`;
const ROLLBACK = `mutation { rollbackModel(input: { kind: ${KIND} }) {
  __typename
  ... on RollbackModelSuccess { promotion { action } champion { number } }
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

const champion = async (): Promise<number | undefined> => {
  const { domain } = await owner.caller.data<{ domain: { champion: { number: number } | null } }>(
    `{ domain(kind: ${KIND}) { champion { number } } }`,
  );
  return domain.champion?.number;
};

describe('a model version', () => {
  it('shows what became of the rows, and how the examples were split', async () => {
    const { id, runId } = await trainedModel(test, owner);
    const query = `query ($id: ID!) { modelVersion(id: $id) { preparation {
      rows embargoed examples split { by seed fold train { examples labelRate from to entities } } } } }`;
    expect(await owner.caller.data(query, { id })).toEqual({ modelVersion: { preparation: null } });
    const none = { quarantined: 0, later: 0, mended: 0, duplicates: 0, censored: 0, unassigned: 0 };
    const part = { examples: 4, positives: 1, from: '2024-01-01T00:00:00.000Z', entities: 3 };
    const train = { ...part, to: '2024-02-01T00:00:00.000Z' };
    await changeRun(test, owner, {
      runId,
      preparation: {
        accounting: { ...none, rows: 14, used: 14, moments: 14, embargoed: 2, examples: 12 },
        split: {
          ...{ by: 'entityAndTime', seed: 7, folds: 3, fold: 1, embargoed: 2, unassigned: 0 },
          ...{ train, validation: train, test: train },
        },
      },
    });
    expect(await owner.caller.data(query, { id })).toEqual({
      modelVersion: {
        preparation: {
          ...{ rows: 14, embargoed: 2, examples: 12 },
          split: {
            ...{ by: 'ENTITY_AND_TIME', seed: 7, fold: 1 },
            train: { examples: 4, labelRate: 0.25, from: part.from, to: train.to, entities: 3 },
          },
        },
      },
    });
  });

  it('shows its evidence, its run and its dataset', async () => {
    const { id, runId, artifactSha256 } = await trainedModel(test, owner);
    const { modelVersion } = await owner.caller.data<{ modelVersion: object }>(
      `query ($id: ID!) { modelVersion(id: $id) {
        number artifactSha256 recommendedThreshold device trainSeconds isChampion examples { train validation test }
        evaluation { count rocAuc confusionMatrix { truePositives falsePositives trueNegatives falseNegatives } }
        certificate { valid problem comparedExamples }
        curves { roc { falsePositiveRate truePositiveRate } calibration { count } gain { share gain lift }
          deciles { count } ks { distance } thresholds { threshold recall confusionMatrix { truePositives } } }
        run { id state dataset { name state } configuration { version } modelVersion { id } }
      } }`,
      { id },
    );
    expect(modelVersion).toMatchObject({
      number: 1,
      artifactSha256,
      isChampion: false,
      examples: { train: 10, validation: 1, test: 4 },
      evaluation: { count: 4, rocAuc: 0.75, confusionMatrix: { truePositives: 2, falsePositives: 1 } },
      certificate: { valid: true, problem: null },
      run: { id: runId, state: 'SUCCEEDED', dataset: { state: 'READY' }, modelVersion: { id } },
    });
    expect(modelVersion).toHaveProperty('curves.gain.1', { share: 0.25, gain: 0.5, lift: 2 });
    expect(modelVersion).toHaveProperty('curves.thresholds.0', {
      threshold: Math.fround(0.8),
      recall: 0.5,
      confusionMatrix: { truePositives: 1 },
    });
    expect(modelVersion).toHaveProperty('curves.roc', [
      { falsePositiveRate: 0, truePositiveRate: 0 },
      { falsePositiveRate: 0, truePositiveRate: 0.5 },
      { falsePositiveRate: 0.5, truePositiveRate: 0.5 },
      { falsePositiveRate: 0.5, truePositiveRate: 1 },
      { falsePositiveRate: 1, truePositiveRate: 1 },
    ]);
  });

  it('gives its artifact and its held-out predictions to those who may have them', async () => {
    const { id, artifactSha256 } = await trainedModel(test, owner);
    const artifact = await owner.caller.http(`/downloads/model-versions/${id}/artifact.onnx`);
    expect(artifact.headers.get('etag')).toBe(`"${artifactSha256}"`);
    expect(await artifact.text()).toMatch(/^an artifact of/);
    const predictions = await owner.caller.http(`/downloads/model-versions/${id}/predictions.csv`);
    expect(await predictions.text()).toBe(PREDICTIONS_CSV);
    const stranger = (await test.tenant()).caller;
    for (const file of ['artifact.onnx', 'predictions.csv']) {
      expect((await stranger.http(`/downloads/model-versions/${id}/${file}`)).status).toBe(404);
    }
  });

  it('reads a list of them with a handful of queries', async () => {
    for (let i = 0; i < 3; i++) await trainedModel(test, owner);
    // Once a minute, the tenant's rates take a transaction too.
    const rates = jest.spyOn(RateLimiter.prototype, 'take');
    rates.mockResolvedValue({ limit: 1, remaining: 1, resetSeconds: 1 });
    const inTenant = jest.spyOn(test.database, 'inTenant');
    const { modelVersions } = await owner.caller.data<{ modelVersions: { nodes: object[] } }>(
      '{ modelVersions { nodes { number isChampion run { dataset { name } configuration { version } } } } }',
    );
    expect(modelVersions.nodes).toHaveLength(3);
    // The page, and one each for promotions, runs, datasets and configurations, whatever the page's length.
    expect(inTenant).toHaveBeenCalledTimes(5);
    inTenant.mockRestore();
    rates.mockRestore();
  });
});

describe('promotion', () => {
  it('lets a version serve, and rollback the one before, and the one before that', async () => {
    const versions = [];
    for (let i = 0; i < 3; i++) versions.push(await trainedModel(test, owner));
    for (const { id } of versions) {
      const { promoteModel } = await owner.caller.data<{ promoteModel: object }>(PROMOTE, { id });
      expect(promoteModel).toMatchObject({
        promotion: { action: 'PROMOTE', modelVersion: { id } },
        champion: { id, isChampion: true },
      });
    }
    expect(await champion()).toBe(3);
    const back = { __typename: 'RollbackModelSuccess', promotion: { action: 'ROLLBACK' } };
    expect(await owner.caller.data(ROLLBACK)).toEqual({
      rollbackModel: { ...back, champion: { number: 2 } },
    });
    expect(await owner.caller.data(ROLLBACK)).toEqual({
      rollbackModel: { ...back, champion: { number: 1 } },
    });
    expect(await owner.caller.data(ROLLBACK)).toEqual({
      rollbackModel: { __typename: 'Conflict', code: 'CONFLICT' },
    });
    expect(await champion()).toBe(1);
    const { domain } = await owner.caller.data<{ domain: object }>(
      `{ domain(kind: ${KIND}) { promotions { nodes { action modelVersion { number } } } } }`,
    );
    expect(domain).toMatchObject({
      promotions: {
        nodes: [
          { action: 'ROLLBACK', modelVersion: { number: 1 } },
          { action: 'ROLLBACK', modelVersion: { number: 2 } },
          { action: 'PROMOTE', modelVersion: { number: 3 } },
          { action: 'PROMOTE', modelVersion: { number: 2 } },
          { action: 'PROMOTE', modelVersion: { number: 1 } },
        ],
      },
    });
  });

  it('of the version that serves changes nothing', async () => {
    const { id } = await trainedModel(test, owner);
    await Promise.all([owner.caller.data(PROMOTE, { id }), owner.caller.data(PROMOTE, { id })]);
    await owner.caller.data(PROMOTE, { id });
    const { domain } = await owner.caller.data<{ domain: { promotions: { nodes: object[] } } }>(
      `{ domain(kind: ${KIND}) { promotions { nodes { id } } } }`,
    );
    expect(domain.promotions.nodes).toHaveLength(1);
  });

  describe('of what is not worth more than its baseline', () => {
    const WITH_REASON = `mutation ($id: ID!, $reason: String!) {
      promoteModel(input: { modelVersionId: $id, baselineOverride: { reason: $reason } }) {
        __typename
        ... on PromoteModelSuccess { promotion { baselineOverride } champion { id } }
        ... on InvalidInput { issues { path } }
        ... on BelowBaseline { code message logLoss baselineLogLoss }
      } }`;

    it.each([0, 0.05])('is refused with what to do, at a difference of %p', async (difference) => {
      const { id } = await trainedModel(test, owner, { baseline: baselineOf(difference) });
      const { modelVersion } = await owner.caller.data<{ modelVersion: object }>(
        `query ($id: ID!) { modelVersion(id: $id) { baseline {
          name examples isBeaten validation { logLoss count } test { rocAuc }
          difference { validation { first second difference low high } test { difference } } } } }`,
        { id },
      );
      expect(modelVersion).toMatchObject({
        baseline: {
          ...{ name: 'LOGISTIC_REGRESSION', examples: 10, isBeaten: false, validation: { count: 4 } },
          difference: { validation: { difference }, test: { difference: 0 - difference } },
        },
      });
      const { promoteModel } = await owner.caller.data<{ promoteModel: object }>(PROMOTE, { id });
      expect(promoteModel).toMatchObject({
        ...{ __typename: 'BelowBaseline', code: 'BELOW_BASELINE' },
        message: expect.stringMatching(
          /^Version 1 of \w+ is not worth more than logistic regression/,
        ) as string,
      });
      expect(await champion()).toBeUndefined();
    });

    it('is done for a reason, which is kept and audited', async () => {
      const { id } = await trainedModel(test, owner, { baseline: baselineOf(0.05) });
      const override = async (reason: string) =>
        (
          await owner.caller.data<{ promoteModel: Record<string, unknown> }>(WITH_REASON, {
            id,
            reason,
          })
        ).promoteModel;
      for (const reason of ['', '  ', 'x'.repeat(501), 'nul\0'])
        expect(await override(reason)).toEqual({
          ...{ __typename: 'InvalidInput', issues: [{ path: 'baselineOverride.reason' }] },
        });
      expect(await champion()).toBeUndefined();
      expect(await override(' it explains itself better ')).toMatchObject({
        promotion: { baselineOverride: 'it explains itself better' },
        champion: { id },
      });
      const { auditLog } = await owner.caller.data<{ auditLog: { nodes: object[] } }>(
        '{ auditLog(first: 1) { nodes { action objectId after } } }',
      );
      expect(auditLog.nodes).toMatchObject([
        {
          ...{ action: 'MODEL_PROMOTED', objectId: id },
          after: { baselineOverride: 'it explains itself better' },
        },
      ]);
      // Serving already, it needs none; and what was let through once can be gone back to.
      expect(await owner.caller.data(PROMOTE, { id })).toMatchObject({ promoteModel: { champion: { id } } });
      await owner.caller.data(PROMOTE, { id: (await trainedModel(test, owner)).id });
      expect(await owner.caller.data(ROLLBACK)).toMatchObject({
        rollbackModel: { champion: { number: 1 } },
      });
    });

    it('needs no reason where it is worth more, by however little, and heeds none', async () => {
      const { id } = await trainedModel(test, owner, { baseline: baselineOf(-1e-6) });
      expect(await owner.caller.data(WITH_REASON, { id, reason: 'to be sure' })).toMatchObject({
        promoteModel: { promotion: { baselineOverride: null }, champion: { id } },
      });
    });
  });

  it('is announced when it is decided', async () => {
    const heard: unknown[] = [];
    const notifications = new Notifications(test.database.applicationUrl);
    await notifications.listen('model_promoted', (payload) => heard.push(payload));
    const { id } = await trainedModel(test, owner);
    await owner.caller.data(PROMOTE, { id });
    await until(
      () => heard,
      ({ length }) => length === 1,
    );
    expect(heard).toEqual([{ tenantId: owner.id, kind: KIND, modelVersionId: id }]);
    await notifications.close();
  });

  it.each([
    ['differs from the trained model', 0.01],
    ['says nothing about the difference', Number.NaN],
  ])('is refused when the certificate %s', async (_name, difference) => {
    const { id } = await trainedModel(test, owner, { difference });
    const { promoteModel } = await owner.caller.data<{ promoteModel: object }>(PROMOTE, { id });
    expect(promoteModel).toMatchObject({ __typename: 'Conflict', code: 'CONFLICT' });
    expect(await champion()).toBeUndefined();
  });

  it('is refused to analysts and to services', async () => {
    for (const role of ['ANALYST', 'SERVICE'] as const) {
      const { caller } = await test.tenant(role);
      expect(await caller.code(PROMOTE, { id: '0a0a0a0a-0000-4000-8000-000000000000' })).toBe('FORBIDDEN');
    }
  });
});
