import { PredictionLog } from '../../../src/services/prediction/log/prediction-log';
import { type ScoredExample } from '../../../src/services/prediction/log/recorded-prediction';
import { linearSpec } from '../linear-artifact';
import { KIND } from './table-dataset';
import { type ApiTenant, type TestApi } from './test-api';

/** Records a prediction as serving does; its id. */
export async function logPrediction(
  { database }: Pick<TestApi, 'database'>,
  { id: tenantId }: Pick<ApiTenant, 'id'>,
  scored: Partial<ScoredExample> & Pick<ScoredExample, 'modelVersionId'>,
): Promise<string> {
  return new PredictionLog(database).record(tenantId, {
    domain: KIND,
    subjectId: null,
    at: new Date('2025-03-01T00:00:00Z'),
    example: { record: { features: { x: 1 } }, history: { source: 'NONE', count: 0, latestAt: null } },
    spec: linearSpec,
    artifactSha256: 'a'.repeat(64),
    role: 'CHAMPION',
    shadowOf: null,
    threshold: 0.5,
    probability: 0.5,
    logit: 0,
    ...scored,
  });
}
