import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { discoverDomains } from '../../../src/app/discover-domains';
import { prepareExamples } from '../../../src/learning/preparation/prepare-examples';
import { trainModel } from '../../../src/learning/train-model';
import { type TenantContext } from '../../../src/platform/tenancy/request-context';
import { Dataset } from '../../../src/services/datasets/dataset.entity';
import { SubjectHistories } from '../../../src/services/events/subject-histories';
import { DomainConfiguration } from '../../../src/services/domains/domain-configuration.entity';
import { type ModelVersion } from '../../../src/services/models/model-version.entity';
import { recordModelVersion } from '../../../src/services/models/record-model-version';
import { InferencePool } from '../../../src/services/prediction/pool/inference-pool';
import { PredictionService } from '../../../src/services/prediction/prediction.service';
import { TrainingRun } from '../../../src/services/training/training-run.entity';
import { type ApiTenant, startTestApi, type TestApi } from '../api/test-api';
import { WorkerProcesses } from '../training/worker-processes';

export const KIND = 'ECOMMERCE_PURCHASE';
export const DOMAIN = discoverDomains().find(({ kind }) => kind === KIND)!;

/** The domain's generated events as a file. */
export const eventsCsv = (scale: number): string =>
  `${[...DOMAIN.generate({ seed: 1, scale }).csv()].join('\n')}\n`;

/** The API, real workers on the same database and store, and a model that was really trained, for an epoch. */
export class ScoringPlatform {
  private constructor(
    private readonly parts: {
      readonly test: TestApi;
      readonly workers: WorkerProcesses;
      readonly owner: ApiTenant;
      readonly version: ModelVersion;
      readonly prediction: PredictionService;
      readonly pool: InferencePool;
    },
  ) {}

  get test(): TestApi {
    return this.parts.test;
  }

  get workers(): WorkerProcesses {
    return this.parts.workers;
  }

  get owner(): ApiTenant {
    return this.parts.owner;
  }

  get version(): ModelVersion {
    return this.parts.version;
  }

  /** Answers as the API does. */
  get prediction(): PredictionService {
    return this.parts.prediction;
  }

  static async start(): Promise<ScoringPlatform> {
    const test = await startTestApi();
    const objects = path.join(path.dirname(test.uploads), 'objects');
    const workers = await WorkerProcesses.create({
      DATABASE_URL: test.ownerUrl,
      ...{ ARTIFACT_URL: pathToFileURL(objects).href },
    });
    const owner = await test.tenant();
    const version = await trainedVersion(test, owner);
    const { stores, database } = test;
    const pool = new InferencePool({
      threads: 1,
      read: ({ tenantId, sha256 }) => stores.forTenant(tenantId).get(sha256),
    });
    const prediction = new PredictionService({
      champions: {
        current: (tenantId) =>
          Promise.resolve({
            version,
            artifact: { tenantId, sha256: version.artifactSha256 },
            spec: DOMAIN.featureSpec,
            threshold: 0.5,
          }),
      },
      pool,
      histories: new SubjectHistories(database),
    });
    return new ScoringPlatform({ test, workers, owner, version, prediction, pool });
  }

  get ctx(): TenantContext {
    const { id, keyId } = this.owner;
    return { requestId: 'request', actor: { id: keyId, role: 'TENANT_ADMIN', tenantId: id } };
  }

  async close(): Promise<void> {
    await this.workers.remove();
    await this.parts.pool.close();
    await this.test.close();
  }

  async dataset(csv: string): Promise<string> {
    return storedDataset(this.test, this.owner, csv);
  }
}

async function storedDataset({ stores, database }: TestApi, owner: ApiTenant, csv: string): Promise<string> {
  const { sha256 } = await stores.forTenant(owner.id).put(Buffer.from(csv));
  const names = csv.slice(0, csv.indexOf('\n')).split(',');
  const dataset = await database.inTenant(owner.id, (scope) =>
    scope.repository(Dataset).insert({
      kind: KIND,
      name: 'events',
      state: 'READY',
      sha256,
      columns: names.map((name) => ({ name, type: 'categorical' as const })),
      createdBy: owner.keyId,
      uploadedAt: new Date(),
    }),
  );
  return dataset.id;
}

async function trainedVersion(test: TestApi, owner: ApiTenant): Promise<ModelVersion> {
  const folder = mkdtempSync(path.join(tmpdir(), 'scoring-'));
  try {
    const csvPath = path.join(folder, 'events.csv');
    const csv = eventsCsv(0.02);
    writeFileSync(csvPath, csv);
    const prepared = await prepareExamples({
      csvPath,
      spec: DOMAIN.featureSpec,
      workDirectory: folder,
      seed: 1,
    });
    const model = await trainModel({
      prepared,
      model: { ...DOMAIN.presets.tiny, maxEpochs: 1 },
      device: 'cpu',
      threads: 1,
      checkpoint: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
      signal: new AbortController().signal,
      onPhase: () => undefined,
      onProgress: () => undefined,
    });
    await prepared.close();
    const datasetId = await storedDataset(test, owner, csv);
    const artifact = await test.stores.forTenant(owner.id).put(model.artifact);
    return await test.database.inTenant(owner.id, async (scope) => {
      const configuration = await scope.repository(DomainConfiguration).insert({
        kind: KIND,
        version: 1,
        featureSpec: DOMAIN.featureSpec,
        modelConfig: DOMAIN.presets.tiny,
        createdBy: owner.keyId,
      });
      const run = await scope.repository(TrainingRun).insert({
        kind: KIND,
        datasetId,
        configurationId: configuration.id,
        state: 'SUCCEEDED',
        requestedBy: owner.keyId,
        requestId: 'request',
        finishedAt: new Date(),
      });
      return recordModelVersion(scope, {
        kind: KIND,
        runId: run.id,
        artifactSha256: artifact.sha256,
        artifactBytes: artifact.bytes,
        predictionsSha256: artifact.sha256,
        featureSpec: DOMAIN.featureSpec,
        evaluation: model.evaluation,
        certificate: model.certificate,
        recommendedThreshold: 0.5,
      });
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
