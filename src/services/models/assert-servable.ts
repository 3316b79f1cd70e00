import { AppError } from '../../errors';
import { type ObjectStore } from '../../platform/artifacts/object-store';
import { certificateProblem } from './certificate-problem';
import { type ModelVersion } from './model-version.entity';

/** @throws AppError CONFLICT when a version's certificate is not valid or its artifact is gone */
export async function assertServable(store: Pick<ObjectStore, 'has'>, version: ModelVersion): Promise<void> {
  const stored = await store.has(version.artifactSha256);
  const problem =
    certificateProblem(version) ?? (stored ? null : 'its artifact is missing from the object store');
  if (problem === null) return;
  throw new AppError('CONFLICT', `Version ${version.number} of ${version.kind} may not serve: ${problem}.`);
}
