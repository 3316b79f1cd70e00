import { type FeatureSpec } from '../../../src/learning/features/feature-spec';
import { recordModelVersion } from '../../../src/services/models/record-model-version';
import { type ApiTenant, type TestApi } from './test-api';
import { startRun, trainedModel } from './trained-model';

/** A version of a domain that predictions can be recorded of, whatever answers; its id. */
export async function recordedVersion(
  test: TestApi,
  owner: ApiTenant,
  {
    kind,
    featureSpec,
    artifactFile,
  }: {
    readonly kind: string;
    readonly featureSpec: FeatureSpec;
    readonly artifactFile?: Uint8Array;
  },
): Promise<string> {
  const { artifactSha256, artifactBytes, evaluation, certificate, predictionsSha256 } = await trainedModel(
    test,
    owner,
    artifactFile && { artifactFile },
  );
  const runId = await startRun(owner);
  return test.database.inTenant(owner.id, async (scope) => {
    const { id } = await recordModelVersion(scope, {
      ...{
        kind,
        runId,
        artifactSha256,
        artifactBytes,
        predictionsSha256,
        featureSpec,
        evaluation,
        certificate,
      },
      recommendedThreshold: 0.5,
    });
    return id;
  });
}
