import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { discoverDomains } from '../../../src/app/discover-domains';
import { AppError } from '../../../src/errors';
import { prepareExamples } from '../../../src/learning/preparation/prepare-examples';
import { trainModel } from '../../../src/learning/train-model';
import { type Database } from '../../../src/platform/persistence/database';
import { SubjectHistories } from '../../../src/services/events/subject-histories';
import { InferencePool } from '../../../src/services/prediction/pool/inference-pool';
import { PredictionService } from '../../../src/services/prediction/prediction.service';

/** Of answers whose version was never recorded. */
const NO_VERSION = '00000000-0000-4000-8000-000000000000';

/** A small trained model of every domain, in threads of its own: each tenant is served by it. */
export interface TrainedDomains {
  readonly prediction: (database: Database) => PredictionService;
  /** Rows of the batches that ran, in their order. */
  readonly batches: readonly number[];
  close(): Promise<void>;
}

export async function trainDomains(): Promise<TrainedDomains> {
  const artifacts = new Map<string, Uint8Array>();
  const domains = discoverDomains();
  for (const { kind, featureSpec, presets, generate } of domains) {
    const folder = await mkdtemp(path.join(tmpdir(), 'trained-domains-'));
    const csvPath = path.join(folder, 'events.csv');
    await writeFile(csvPath, `${[...generate({ seed: 1, scale: 0.02 }).csv()].join('\n')}\n`);
    const prepared = await prepareExamples({ csvPath, spec: featureSpec, workDirectory: folder, seed: 1 });
    const { artifact } = await trainModel({
      prepared,
      model: { ...presets.tiny, maxEpochs: 1 },
      device: 'cpu',
      threads: 1,
      checkpoint: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
      signal: new AbortController().signal,
      onPhase: () => undefined,
      onProgress: () => undefined,
    });
    artifacts.set(kind, artifact);
    await prepared.close();
    await rm(folder, { recursive: true });
  }
  const batches: number[] = [];
  const pool = new InferencePool({
    threads: 1,
    onBatch: ({ rows }) => batches.push(rows),
    read: ({ sha256 }) => {
      const artifact = artifacts.get(sha256);
      if (artifact) return Promise.resolve(new Uint8Array(artifact));
      throw new AppError('NOT_FOUND', 'there is no such artifact');
    },
  });
  return {
    batches,
    prediction: (database) =>
      new PredictionService({
        champions: {
          current: (tenantId, kind) => {
            const domain = domains.find((each) => each.kind === kind);
            if (!domain) throw new AppError('MODEL_NOT_READY', 'nothing is promoted');
            return Promise.resolve({
              version: { id: NO_VERSION, number: 1, createdAt: new Date(0) },
              artifact: { tenantId, sha256: kind },
              spec: domain.featureSpec,
              threshold: 0.5,
            });
          },
        },
        pool,
        histories: new SubjectHistories(database),
      }),
    close: () => pool.close(),
  };
}
