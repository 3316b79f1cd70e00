import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { API_ENTITIES } from '../../src/app/api/api-entities';
import { ApiClient } from '../../src/app/demo/api-client';
import { discoverDomains } from '../../src/app/discover-domains';
import { type Certificate } from '../../src/learning/export/certificate';
import { averageExample } from '../../src/learning/explanation/average-example';
import { buildExplainer } from '../../src/learning/explanation/explainer';
import { prepareExamples } from '../../src/learning/preparation/prepare-examples';
import { FolderObjectStores } from '../../src/platform/artifacts/folder-object-store';
import { Database } from '../../src/platform/persistence/database';
import { createApiKey } from '../../src/platform/tenancy/api-keys';
import { createTenant } from '../../src/platform/tenancy/tenants';
import { ModelsService } from '../../src/services/models/models.service';
import { recordModelVersion } from '../../src/services/models/record-model-version';
import { exportPreset } from '../../test/support/exported-presets';
import { z } from 'zod';
import { USERS, visits } from './requests';

const KIND = 'ECOMMERCE_PURCHASE';

/** A tenant that can ask for predictions. */
export interface SeededTenant {
  readonly id: string;
  readonly key: string;
  /** Content address of its model. */
  readonly sha256: string;
}

/** Makes tenants as their training would leave them, without the training: speed does not ask what a weight is. */
export class Seed {
  private constructor(
    private readonly database: Database,
    private readonly stores: FolderObjectStores,
    private readonly model: BenchModel,
  ) {}

  static async open(ownerUrl: string, dataDirectory: string): Promise<Seed> {
    const [database, stores, model] = await Promise.all([
      Database.connect({ ownerUrl, entities: API_ENTITIES, poolSize: 4 }),
      FolderObjectStores.open(path.join(dataDirectory, 'objects')),
      purchaseModel(),
    ]);
    return new Seed(database, stores, model);
  }

  get artifactBytes(): number {
    return this.model.artifact.byteLength;
  }

  /** With a model of the domain's default preset that serves. */
  async tenant(): Promise<SeededTenant> {
    const { id } = await createTenant(this.database, { slug: `bench-${randomUUID()}`, name: 'Bench' });
    const { sha256 } = await this.stores.forTenant(id).put(this.model.artifact);
    const { sha256: explainer } = await this.stores.forTenant(id).put(this.model.explainer);
    const { key, keyId, versionId } = await this.database.inTenant(id, async (scope) => {
      const apiKey = await createApiKey(scope, { name: 'bench', role: 'TENANT_ADMIN' });
      const [datasetId, configurationId, runId] = [randomUUID(), randomUUID(), randomUUID()];
      await scope.query(
        `INSERT INTO datasets (tenant_id, id, kind, name, state, created_by)
         VALUES ($1, $2, $3, 'bench', 'AWAITING_UPLOAD', $4)`,
        [id, datasetId, KIND, apiKey.id],
      );
      await scope.query(
        `INSERT INTO domain_configurations (tenant_id, id, kind, version, feature_spec, model_config, created_by)
         VALUES ($1, $2, $3, 1, $4, $5, $6)`,
        [
          id,
          configurationId,
          KIND,
          JSON.stringify(domain.featureSpec),
          JSON.stringify(domain.presets.default),
          apiKey.id,
        ],
      );
      await scope.query(
        `INSERT INTO jobs (tenant_id, id, kind, dataset_id, configuration_id, state, requested_by,
                                    request_id, finished_at)
         VALUES ($1, $2, $3, $4, $5, 'SUCCEEDED', $6, 'bench', now())`,
        [id, runId, KIND, datasetId, configurationId, apiKey.id],
      );
      const certificate = { artifactSha256: sha256, comparedExamples: 1, maxProbabilityDifference: 0 };
      const version = await recordModelVersion(scope, {
        kind: KIND,
        runId,
        artifactSha256: sha256,
        artifactBytes: this.model.artifact.byteLength,
        predictionsSha256: sha256,
        featureSpec: domain.featureSpec,
        evaluation: {} as Certificate['metrics'],
        certificate: certificate as Certificate,
        recommendedThreshold: 0.25,
        explainer: { ...EXPLAINER, sha256: explainer },
      });
      return { key: apiKey.key, keyId: apiKey.id, versionId: version.id };
    });
    const actor = { id: keyId, role: 'TENANT_ADMIN' as const, tenantId: id };
    await new ModelsService(this.database, this.stores).promote({ requestId: 'bench', actor }, versionId);
    return { id, key, sha256 };
  }

  close(): Promise<void> {
    return this.database.close();
  }
}

const INGEST_EVENTS = `mutation ($input: IngestEventsInput!) {
  ingestEvents(input: $input) {
    ... on IngestEventsSuccess { accepted }
    ... on UserError { code message }
  }
}`;

/** Stores the histories of all users. */
export async function storeHistories(url: string, key: string): Promise<void> {
  const api = new ApiClient(url, key);
  const events = visits(USERS).flatMap(({ userId, history }) =>
    history.map(({ at, kind, category, brand, price, dwellSeconds }, index) => ({
      id: `${userId}-${index}`,
      subjectId: userId,
      at,
      kind,
      values: [
        ...Object.entries({ category, brand }).flatMap(([name, text]) =>
          text === undefined ? [] : { name, text },
        ),
        ...Object.entries({ price, dwell_seconds: dwellSeconds }).flatMap(([name, number]) =>
          number === undefined ? [] : { name, number },
        ),
      ],
    })),
  );
  for (let from = 0; from < events.length; from += 1_000) {
    const input = { domain: KIND, events: events.slice(from, from + 1_000) };
    const { accepted } = await api.query(INGEST_EVENTS, { input }, z.object({ accepted: z.number() }));
    if (accepted !== input.events.length)
      throw new Error(`${accepted} of ${input.events.length} events were taken`);
  }
}

function purchaseDomain() {
  const found = discoverDomains().find(({ kind }) => kind === KIND);
  if (!found) throw new Error(`there is no domain ${KIND}`);
  return found;
}
const domain = purchaseDomain();

interface BenchModel {
  readonly artifact: Uint8Array;
  readonly explainer: Uint8Array;
}

/** Points of the path of an explanation. */
const STEPS = 16;
/** That of weights which were drawn says nothing. */
const EXPLAINER = {
  steps: STEPS,
  rule: 'MIDPOINT' as const,
  baselineLogit: 0,
  baselineLength: 8,
  comparedExamples: 1,
  maxError: 0,
  tolerance: 1_000,
  maxProbabilityDifference: 0,
};

async function purchaseModel(): Promise<BenchModel> {
  const folder = await mkdtemp(path.join(tmpdir(), 'propensity-bench-model-'));
  try {
    const csvPath = path.join(folder, 'data.csv');
    await writeFile(csvPath, `${[...domain.generate({ seed: 1, scale: 0.05 }).csv()].join('\n')}\n`);
    const prepared = await prepareExamples({
      csvPath,
      spec: domain.featureSpec,
      workDirectory: folder,
      seed: 1,
    });
    const { featureMap } = prepared;
    const average = await averageExample(prepared.train, new AbortController().signal);
    await prepared.close();
    const exported = await exportPreset('bench', domain.presets.default, featureMap);
    const { artifact, model, weights, calibration } = exported;
    const explainer = await buildExplainer({
      featureMap,
      model,
      weights,
      calibration,
      average,
      steps: STEPS,
    });
    return { artifact, explainer };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
