import { AppError } from '../../errors';
import { type StartSummary } from '../../learning/warm-start/start-from';
import { type ObjectStore } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { ModelVersion } from '../models/model-version.entity';
import { Promotion } from '../models/promotion.entity';

export const START_RULES = ['CHAMPION', 'NOTHING'] as const;
/** Whose weights a training starts from: those of the version that serves, or drawn ones. */
export type StartRule = (typeof START_RULES)[number];

/** What was asked for: a rule, which may give way to nothing where there is nothing to start from; or a version by its id. */
export type StartWanted = StartRule | 'CHAMPION_IF_USABLE' | { readonly modelVersionId: string };

/**
 * The version that a training is to start from, as things stand when it is asked for; null: none.
 * @throws AppError NOT_FOUND for a version; CONFLICT when there is no champion, or when the version cannot be started from
 */
export async function startVersionId(
  scope: TenantScope,
  kind: string,
  wanted: StartWanted,
): Promise<string | null> {
  if (wanted === 'NOTHING') return null;
  if (wanted === 'CHAMPION_IF_USABLE') return usableChampion(scope, kind);
  const id = wanted === 'CHAMPION' ? await championOf(scope, kind) : wanted.modelVersionId;
  if (id === null)
    throw new AppError('CONFLICT', `No version of ${kind} serves: promote one, or start from nothing.`);
  const version = await scope.repository(ModelVersion).getOrThrow(id);
  const problem = version.kind === kind ? startProblem(version) : `is of ${version.kind}, not of ${kind}`;
  if (problem !== null)
    throw new AppError(
      'CONFLICT',
      `Version ${version.number} ${problem}. Choose another, or start from nothing.`,
    );
  return id;
}

/** The id of the version that serves, if a training can start from it; else null. */
async function usableChampion(scope: TenantScope, kind: string): Promise<string | null> {
  const id = await championOf(scope, kind);
  const version = id === null ? null : await scope.repository(ModelVersion).getOrThrow(id);
  return version && startProblem(version) === null ? version.id : null;
}

/** The weights of the version that a run starts from; or why there are none any more. */
export async function startWeights(
  database: Pick<Database, 'inTenant'>,
  { tenantId, store, id }: { readonly tenantId: string; readonly store: ObjectStore; readonly id: string },
): Promise<{ readonly weights: Uint8Array } | { readonly refused: string }> {
  const version = await database.inTenant(tenantId, (scope) => scope.repository(ModelVersion).getOrThrow(id));
  const problem = startProblem(version);
  const { weightsSha256 } = version;
  if (problem !== null || weightsSha256 === null) return { refused: `It ${problem ?? 'has no weights'}.` };
  try {
    return { weights: await store.get(weightsSha256) };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'NOT_FOUND') throw error;
    return { refused: 'Its weights are gone.' };
  }
}

/**
 * Before a run ends that started from a version: whether that is still one to start from. The row is held until the
 * transaction ends, so that whoever erases a subject meanwhile finds the run's version, or the run finds the erasure.
 * @throws AppError TRAINING_FAILED
 */
export async function assertStillUsable(scope: TenantScope, id: string): Promise<void> {
  const version = await scope.repository(ModelVersion).getForUpdate(id);
  if (startProblem(version) === null) return;
  throw new AppError(
    'TRAINING_FAILED',
    `Version ${version.number}, from which it started, was taken back while it was trained: ask for it again.`,
  );
}

/** What is recorded where a start was refused before the training began. */
export const refusedStart = (refused: string): StartSummary => ({
  refused,
  weights: 0,
  taken: 0,
  validationLoss: null,
});

/** Why no training can start from it; null where one can. */
function startProblem({
  retiredAt,
  trainedOnErased,
  weightsSha256,
}: Pick<ModelVersion, 'retiredAt' | 'trainedOnErased' | 'weightsSha256'>): string | null {
  if (retiredAt !== null) return 'was retired';
  if (trainedOnErased) return 'has learned from a subject that was erased, which would live on';
  return weightsSha256 === null ? 'was trained before weights were kept' : null;
}

async function championOf(scope: TenantScope, kind: string): Promise<string | null> {
  const current = await scope.repository(Promotion).findOne({ kind }, { order: { sequence: 'DESC' } });
  return current?.modelVersionId ?? null;
}
