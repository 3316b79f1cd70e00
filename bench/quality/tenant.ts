import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { ApiClient } from '../../src/app/demo/api-client';
import * as operations from '../../src/app/demo/operations';
import { type Platform } from '../../src/app/launcher/launch-platform';
import { AppError } from '../../src/errors';
import { type QualitySet } from './quality-set';
import { type RunMetrics } from './result';

const POLL_MS = 250;
const ENDED = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);

const CONFIGURE_DOMAIN = {
  document: `mutation ($input: ConfigureDomainInput!) {
    configureDomain(input: $input) {
      ... on ConfigureDomainSuccess { configuration { id } }
      ... on InvalidConfiguration { code message }
      ... on UserError { code message }
    }
  }`,
  answer: z.object({ configuration: z.object({ id: z.string() }) }),
};

/** A tenant with a data set, doing what any tenant can. */
export class BenchTenant {
  private constructor(
    private readonly api: ApiClient,
    private readonly set: QualitySet,
    private readonly signal: AbortSignal,
  ) {}

  /** A new tenant. */
  static async create(platform: Platform, set: QualitySet, signal: AbortSignal): Promise<BenchTenant> {
    const admin = new ApiClient(platform.url, platform.platformAdminKey);
    const { apiKey } = await admin.query(
      operations.CREATE_TENANT.document,
      { input: { slug: `quality-${set.name}`, name: set.title } },
      operations.CREATE_TENANT.answer,
    );
    return new BenchTenant(new ApiClient(platform.url, apiKey.key), set, signal);
  }

  async configure(featureSpec: object, modelConfig: object): Promise<void> {
    const input = { kind: this.set.kind, featureSpec, modelConfig };
    await this.api.query(CONFIGURE_DOMAIN.document, { input }, CONFIGURE_DOMAIN.answer);
  }

  /** @returns the id of the data set. */
  async upload(folder: string): Promise<string> {
    const { kind, title, format, files } = this.set;
    const { dataset, uploadUrl } = await this.api.query(
      operations.CREATE_DATASET.document,
      { input: { kind, name: title, ...(format && { format }) } },
      operations.CREATE_DATASET.answer,
    );
    const paths = files.map((file) => path.join(folder, file));
    const digest = createHash('sha256');
    for await (const chunk of bytesOf(paths)) digest.update(chunk);
    await this.api.uploadBytes(uploadUrl, bytesOf(paths), digest.digest('hex'));
    return dataset.id;
  }

  /** Trains what is configured and judges it. */
  async train(datasetId: string): Promise<RunMetrics> {
    const { run } = await this.api.query(
      operations.START_TRAINING.document,
      { input: { kind: this.set.kind, datasetId } },
      operations.START_TRAINING.answer,
    );
    const { modelVersionId, seconds } = await this.ended(run.id);
    const { evaluation } = await this.api.query(
      operations.MODEL_VERSION.document,
      { id: modelVersionId },
      operations.MODEL_VERSION.answer,
    );
    const { rocAuc, logLoss, ece } = evaluation;
    return { rocAuc, logLoss, ece, seconds };
  }

  private async ended(runId: string): Promise<{ modelVersionId: string; seconds: number }> {
    for (;;) {
      const run = await this.api.query(
        operations.TRAINING_RUN.document,
        { id: runId },
        operations.TRAINING_RUN.answer,
      );
      if (run.modelVersion && run.startedAt !== null && run.finishedAt !== null) {
        const seconds = (Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000;
        return { modelVersionId: run.modelVersion.id, seconds };
      }
      if (ENDED.has(run.state) && !run.modelVersion)
        throw new AppError(
          'TRAINING_FAILED',
          `${this.set.title}: the training ended without a model (${run.error?.message ?? run.state})`,
        );
      await delay(POLL_MS, undefined, { signal: this.signal });
    }
  }
}

async function* bytesOf(paths: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const file of paths) for await (const chunk of createReadStream(file)) yield chunk as Buffer;
}
