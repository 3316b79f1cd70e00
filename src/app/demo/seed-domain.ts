import { type DomainDefinition, type GeneratedData } from '../../domain-kit';
import { AppError } from '../../errors';
import { ApiClient } from './api-client';
import { type DemoState, type SeededDomain } from './demo-state';
import * as operations from './operations';

/** Demo data is the same everywhere. */
export const DEMO_SEED = 20_250_301;
const POLL_MS = 250;
const ENDED = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);

export interface SeedContext {
  readonly url: string;
  readonly platformAdminKey: string;
  readonly state: DemoState;
  readonly signal: AbortSignal;
  /** Examples generated: 1 is the demo's size. */
  readonly scale: number;
  onRun(domain: DomainDefinition, run: operations.RunView): void;
}

export interface Seeded extends Required<SeededDomain> {
  readonly data: GeneratedData;
}

/**
 * Brings one demo tenant to a promoted model through the public API alone. Each step is remembered, so that
 * an interrupted start goes on where it was and a later one does nothing again.
 */
export async function seedDomain(context: SeedContext, domain: DomainDefinition): Promise<Seeded> {
  const data = domain.generate({ seed: DEMO_SEED, scale: context.scale });
  const remember = async (seeded: SeededDomain): Promise<SeededDomain> => {
    await context.state.set(domain.kind, seeded);
    return seeded;
  };

  let seeded = (await knownTenant(context, domain)) ?? (await remember(await createTenant(context, domain)));
  const api = new ApiClient(context.url, seeded.apiKey);
  const datasetId = seeded.datasetId ?? (await uploadDataset(api, domain, data));
  seeded = await remember({ ...seeded, datasetId });
  const runId = seeded.runId ?? (await startTraining(api, domain, datasetId));
  seeded = await remember({ ...seeded, runId });
  const modelVersionId = seeded.modelVersionId ?? (await watchRun(context, domain, { api, runId }));
  if (!seeded.modelVersionId) await promote(api, modelVersionId);
  seeded = await remember({ ...seeded, modelVersionId });
  return { ...seeded, datasetId, runId, modelVersionId, data };
}

/** The tenant of an earlier start, unless the database no longer knows it. */
async function knownTenant(context: SeedContext, domain: DomainDefinition): Promise<SeededDomain | null> {
  const seeded = context.state.get(domain.kind);
  if (!seeded) return null;
  try {
    await new ApiClient(context.url, seeded.apiKey).query(
      operations.VIEWER.document,
      {},
      operations.VIEWER.answer,
    );
    return seeded;
  } catch (error) {
    if (error instanceof AppError && error.code === 'UNAUTHENTICATED') return null;
    throw error;
  }
}

async function createTenant(context: SeedContext, domain: DomainDefinition): Promise<SeededDomain> {
  const platform = new ApiClient(context.url, context.platformAdminKey);
  // The suffix keeps slugs apart when the data folder is new but the database is not.
  const slug = `demo-${domain.slug}-${Date.now().toString(36)}`;
  const { tenant, apiKey } = await platform.query(
    operations.CREATE_TENANT.document,
    { input: { slug, name: `Demo: ${domain.title}` } },
    operations.CREATE_TENANT.answer,
  );
  return { tenantId: tenant.id, slug: tenant.slug, apiKey: apiKey.key };
}

async function uploadDataset(api: ApiClient, domain: DomainDefinition, data: GeneratedData): Promise<string> {
  const { dataset, uploadUrl } = await api.query(
    operations.CREATE_DATASET.document,
    { input: { kind: domain.kind, name: 'Demo events' } },
    operations.CREATE_DATASET.answer,
  );
  await api.upload(uploadUrl, data.csv());
  return dataset.id;
}

async function startTraining(api: ApiClient, domain: DomainDefinition, datasetId: string): Promise<string> {
  const { run } = await api.query(
    operations.START_TRAINING.document,
    { input: { kind: domain.kind, datasetId } },
    operations.START_TRAINING.answer,
  );
  return run.id;
}

interface WatchedRun {
  readonly api: ApiClient;
  readonly runId: string;
}

/** Follows a run to its end and gives the model version that it brought forth. */
async function watchRun(
  context: SeedContext,
  domain: DomainDefinition,
  { api, runId }: WatchedRun,
): Promise<string> {
  for (;;) {
    context.signal.throwIfAborted();
    const run = await api.query(
      operations.TRAINING_RUN.document,
      { id: runId },
      operations.TRAINING_RUN.answer,
    );
    context.onRun(domain, run);
    if (run.modelVersion) return run.modelVersion.id;
    if (ENDED.has(run.state)) {
      const reason = run.error ? `${run.error.code}: ${run.error.message}` : run.state;
      throw new AppError(
        'TRAINING_FAILED',
        `the training of ${domain.slug} ended without a model (${reason})`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function promote(api: ApiClient, modelVersionId: string): Promise<void> {
  await api.query(
    operations.PROMOTE_MODEL.document,
    { input: { modelVersionId } },
    operations.PROMOTE_MODEL.answer,
  );
}
