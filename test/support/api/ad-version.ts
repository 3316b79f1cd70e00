import { Readable } from 'node:stream';
import { Promotion } from '../../../src/services/models/promotion.entity';
import { type ModelVersion } from '../../../src/services/models/model-version.entity';
import { recordModelVersion } from '../../../src/services/models/record-model-version';
import { type HeldOutPrediction } from '../../../src/learning/train-model';
import { predictionsCsv } from '../../../src/services/training/predictions-csv';
import { AD_KIND, AD_SPEC } from './ad-model';
import { type ApiTenant, type TestApi } from './test-api';
import { startRun, trainedModel } from './trained-model';

export interface AdPrediction extends HeldOutPrediction {
  readonly placement: string;
  readonly category?: string;
}

/** A promoted version of ads with these held-out predictions; no worker trained it. */
export async function adVersion(
  test: TestApi,
  owner: ApiTenant,
  predictions: readonly AdPrediction[],
  frequencyOf: (n: number) => number = () => 0,
): Promise<ModelVersion> {
  const template = await trainedModel(test, owner);
  const csv = predictionsCsv(predictions, [
    { name: 'frequency', values: Float32Array.from(predictions, (_, n) => frequencyOf(n)) },
    { name: 'placement', values: predictions.map(({ placement }) => placement) },
    ...(predictions.some(({ category }) => category !== undefined)
      ? [{ name: 'category', values: predictions.map(({ category }) => category ?? '') }]
      : []),
  ]);
  const { sha256 } = await test.stores.forTenant(owner.id).put(Readable.from(csv));
  const runId = await startRun(owner);
  return test.database.inTenant(owner.id, async (scope) => {
    const { artifactSha256, artifactBytes, evaluation, certificate } = template;
    const version = await recordModelVersion(scope, {
      ...{ kind: AD_KIND, runId, artifactSha256, artifactBytes, evaluation, certificate },
      predictionsSha256: sha256,
      featureSpec: AD_SPEC,
      recommendedThreshold: 0.5,
    });
    await scope
      .repository(Promotion)
      .insert({ kind: AD_KIND, modelVersionId: version.id, action: 'PROMOTE', promotedBy: owner.keyId });
    return version;
  });
}
