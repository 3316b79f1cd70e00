import { randomUUID } from 'node:crypto';
import { type Certificate } from '../../src/learning/export/certificate';
import { type Database } from '../../src/platform/persistence/database';
import { withOwner } from '../../src/platform/persistence/owner-connection';
import { Notifications } from '../../src/platform/persistence/notifications';
import { createLogger } from '../../src/platform/telemetry/logger';
import { type TenantContext } from '../../src/platform/tenancy/request-context';
import { Challenger } from '../../src/services/challengers/challenger.entity';
import { ChallengerTrial } from '../../src/services/challengers/challenger-trial.entity';
import { ChallengersService } from '../../src/services/challengers/challengers.service';
import { Dataset } from '../../src/services/datasets/dataset.entity';
import { DOMAIN_CONFIGURED_CHANNEL } from '../../src/services/domains/domains.service';
import { ModelVersion } from '../../src/services/models/model-version.entity';
import { ModelsService } from '../../src/services/models/models.service';
import { Promotion } from '../../src/services/models/promotion.entity';
import { recordModelVersion } from '../../src/services/models/record-model-version';
import { questionOf } from '../../src/services/prediction/question';
import { type RunningPrediction, startPrediction } from '../../src/services/prediction/start-prediction';
import { linearArtifact, linearSpec } from '../support/linear-artifact';
import { createTestDatabase, createTestTenant, type TestDatabase } from '../support/test-database';
import { MemoryObjects } from '../support/training/memory-objects';

const KIND = 'ECOMMERCE_PURCHASE';
const record = { features: { x: 1, color: 'red' } };

describe('serving', () => {
  const objects = new MemoryObjects();
  let server: TestDatabase;
  let database: Database;
  let notifications: Notifications;
  let running: RunningPrediction;
  let models: ModelsService;

  beforeAll(async () => {
    server = await createTestDatabase();
    database = await server.connect([Dataset, ModelVersion, Promotion, Challenger, ChallengerTrial], 10);
    notifications = new Notifications(database.applicationUrl, {
      onResync: () => {
        running.resync();
      },
    });
    models = new ModelsService(database, objects);
    running = await startPrediction({
      database,
      notifications,
      artifacts: objects,
      threads: 2,
      logger: createLogger('test', 'silent'),
    });
  });

  afterAll(async () => {
    await running.close();
    await notifications.close();
    await server.drop();
  });

  const tenant = async (): Promise<TenantContext> => {
    const { id, keyId } = await createTestTenant(database);
    return { requestId: 'request', actor: { id: keyId, role: 'TENANT_ADMIN', tenantId: id } };
  };

  const configure = async (ctx: TenantContext, version: number, threshold: number | null): Promise<string> =>
    database.inTenant(ctx.actor.tenantId, async (scope) => {
      const id = randomUUID();
      await scope.query(
        `INSERT INTO domain_configurations
           (tenant_id, id, kind, version, feature_spec, model_config, threshold, created_by)
         VALUES ($1, $2, $3, $4, '{}', '{}', $5, $6)`,
        [scope.tenantId, id, KIND, version, threshold, ctx.actor.id],
      );
      await scope.notify(DOMAIN_CONFIGURED_CHANNEL, { tenantId: scope.tenantId, kind: KIND });
      return id;
    });

  /** A finished model with logit = weight·x + code of the color. */
  const finish = async (ctx: TenantContext, weight: number): Promise<ModelVersion> => {
    const { tenantId } = ctx.actor;
    const artifact = linearArtifact(weight);
    const { sha256 } = await objects.forTenant(tenantId).put(artifact);
    const configurationId = await configure(ctx, weight, null);
    return database.inTenant(tenantId, async (scope) => {
      const dataset = await scope
        .repository(Dataset)
        .insert({ kind: KIND, name: 'd', state: 'READY', sha256: '0'.repeat(64), createdBy: ctx.actor.id });
      const runId = randomUUID();
      await scope.query(
        `INSERT INTO jobs (tenant_id, id, kind, dataset_id, configuration_id, state, requested_by,
                                    request_id, finished_at)
         VALUES ($1, $2, $3, $4, $5, 'SUCCEEDED', $6, 'request', now())`,
        [tenantId, runId, KIND, dataset.id, configurationId, ctx.actor.id],
      );
      const certificate = { artifactSha256: sha256, comparedExamples: 1, maxProbabilityDifference: 0 };
      return recordModelVersion(scope, {
        kind: KIND,
        runId,
        artifactSha256: sha256,
        artifactBytes: artifact.byteLength,
        predictionsSha256: sha256,
        featureSpec: linearSpec,
        evaluation: {} as ModelVersion['evaluation'],
        certificate: certificate as Certificate,
        recommendedThreshold: 0.4,
      });
    });
  };

  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    const end = Date.now() + 10_000;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error('it did not come true within 10 s');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  it('answers with the promoted version, at the recommended threshold', async () => {
    const ctx = await tenant();
    await expect(running.service.predict(ctx, KIND, [record])).rejects.toMatchObject({
      code: 'MODEL_NOT_READY',
    });
    const version = await finish(ctx, 2);
    await expect(running.service.predict(ctx, KIND, [record])).rejects.toMatchObject({
      code: 'MODEL_NOT_READY',
    });
    await models.promote(ctx, version.id);
    const { items, ...rest } = await running.service.predict(ctx, KIND, [record]);
    expect(items[0]?.logit).toBe(3);
    expect(rest).toEqual({
      modelVersion: { id: version.id, number: 1, createdAt: version.createdAt, trainedUntil: null },
      threshold: 0.4,
    });
  });

  it('knows no tenant’s champion as another’s', async () => {
    const [ours, theirs] = [await tenant(), await tenant()];
    await models.promote(theirs, (await finish(theirs, 2)).id);
    await running.service.predict(theirs, KIND, [record]);
    await expect(running.service.predict(ours, KIND, [record])).rejects.toMatchObject({
      code: 'MODEL_NOT_READY',
    });
  });

  it('takes up promotions and rollbacks under load, without a restart and without a failed request', async () => {
    const ctx = await tenant();
    const [first, second, third] = [await finish(ctx, 2), await finish(ctx, 3), await finish(ctx, 4)];
    await models.promote(ctx, first.id);
    let serving = 0;
    let going = true;
    const client = async (): Promise<void> => {
      while (going) {
        const { items, modelVersion } = await running.service.predict(ctx, KIND, [record]);
        // Version n has the weight n + 1, red counts 1.
        expect(items[0]?.logit).toBe(modelVersion.number + 2);
        serving = modelVersion.number;
      }
    };
    const clients = Promise.all(Array.from({ length: 10 }, client));
    const serves = (version: ModelVersion) => until(() => Promise.resolve(serving === version.number));
    await serves(first);
    await models.promote(ctx, second.id);
    await serves(second);
    await models.promote(ctx, third.id);
    await serves(third);
    await models.rollback(ctx, KIND);
    await serves(second);
    await models.rollback(ctx, KIND);
    await serves(first);
    going = false;
    await clients;
  });

  it('starts, changes, ends and promotes challengers under load, without a failed request', async () => {
    const ctx = await tenant();
    const [first, second, third] = [await finish(ctx, 2), await finish(ctx, 3), await finish(ctx, 4)];
    const challengers = new ChallengersService(database, objects, models);
    await models.promote(ctx, first.id);
    let serving = new Set<number>();
    let going = true;
    const client = async (_: unknown, index: number): Promise<void> => {
      for (let round = 0; going; round++) {
        const question = questionOf([{ ...record, subjectId: `u${index}-${round % 50}` }]);
        const [answer] = await running.service.predictEach(ctx, KIND, question);
        // Version n has the weight n + 1, red counts 1.
        expect(answer?.item).toMatchObject({ logit: (answer?.modelVersion.number ?? 0) + 2 });
        serving.add(answer?.modelVersion.number ?? 0);
      }
    };
    const clients = Promise.all(Array.from({ length: 10 }, client));
    const serves = (...numbers: number[]) =>
      until(async () => {
        serving = new Set();
        await new Promise((resolve) => setTimeout(resolve, 50));
        return numbers.length === serving.size && numbers.every((number) => serving.has(number));
      });
    const settings = { alpha: 0.05, minOutcomes: 200, outcomeDelayHours: 0, endWhenWorse: true };
    await serves(1);
    await challengers.start(ctx, {
      ...{ kind: KIND, modelVersionId: second.id, mode: 'SHADOW', share: 1 },
      ...settings,
    });
    await serves(1);
    await challengers.change(ctx, { kind: KIND, mode: 'CANARY', share: 0.5 });
    await serves(1, 2);
    await challengers.promote(ctx, KIND);
    await serves(2);
    await challengers.start(ctx, {
      ...{ kind: KIND, modelVersionId: third.id, mode: 'CANARY', share: 0.5 },
      ...settings,
    });
    await serves(2, 3);
    // Another champion beside the same challenger.
    await models.promote(ctx, first.id);
    await serves(1, 3);
    expect((await challengers.latest(ctx, KIND))?.trial).toMatchObject({
      number: 2,
      championVersionId: first.id,
    });
    await challengers.end(ctx, KIND);
    await serves(1);
    going = false;
    await clients;
  });

  it('takes up another threshold', async () => {
    const ctx = await tenant();
    await models.promote(ctx, (await finish(ctx, 2)).id);
    const threshold = async (): Promise<number> =>
      (await running.service.predict(ctx, KIND, [record])).threshold;
    expect(await threshold()).toBe(0.4);
    await configure(ctx, 3, 0.9);
    await until(async () => (await threshold()) === 0.9);
  });

  it('notices what was decided while it could not listen', async () => {
    const ctx = await tenant();
    const [first, second] = [await finish(ctx, 2), await finish(ctx, 3)];
    await models.promote(ctx, first.id);
    await running.service.predict(ctx, KIND, [record]);
    await withOwner(server.ownerUrl, async (owner) => {
      await owner.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'propensity-notifications' AND datname = current_database()",
      );
    });
    await models.promote(ctx, second.id);
    await until(
      async () => (await running.service.predict(ctx, KIND, [record])).modelVersion.id === second.id,
    );
  });
});
