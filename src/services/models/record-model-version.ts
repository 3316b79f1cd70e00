import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { ModelVersion } from './model-version.entity';

/** What a finished run hands over; number and time are given here. */
export type FinishedModel = Pick<
  ModelVersion,
  | 'kind'
  | 'runId'
  | 'artifactSha256'
  | 'artifactBytes'
  | 'predictionsSha256'
  | 'featureSpec'
  | 'evaluation'
  | 'certificate'
  | 'recommendedThreshold'
> &
  Partial<
    Pick<ModelVersion, 'baseline' | 'explainer' | 'rateIntervals' | 'driftReferenceSha256' | 'weightsSha256'>
  >;

/** Writes the next version of its kind, in the transaction that ends the run. */
export async function recordModelVersion(scope: TenantScope, model: FinishedModel): Promise<ModelVersion> {
  // Two runs of a kind that end at once get different numbers: the second waits for the first to commit.
  await scope.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `model versions ${scope.tenantId} ${model.kind}`,
  ]);
  const versions = scope.repository(ModelVersion);
  const newest = await versions.findOne({ kind: model.kind }, { order: { number: 'DESC' } });
  return versions.insert({ ...model, number: (newest?.number ?? 0) + 1 });
}
