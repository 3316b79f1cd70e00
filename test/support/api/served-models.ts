import { AppError } from '../../../src/errors';
import { SubjectHistories } from '../../../src/services/events/subject-histories';
import { findChampion } from '../../../src/services/prediction/find-champion';
import { PredictionLog } from '../../../src/services/prediction/log/prediction-log';
import { InferencePool } from '../../../src/services/prediction/pool/inference-pool';
import { PredictionService } from '../../../src/services/prediction/prediction.service';
import { linearArtifact } from '../linear-artifact';
import { type ApiTenant, startTestApi, type TestApi } from './test-api';
import { trainedModel } from './trained-model';

/** An API that serves what is promoted, read anew for each request. */
export interface ServingApi {
  readonly test: TestApi;
  /** Transactions that wrote to the log of predictions. */
  readonly commits: () => number;
  close(): Promise<void>;
}

export async function startServingApi(): Promise<ServingApi> {
  let commits = 0;
  let stores: TestApi['stores'] | null = null;
  const pool = new InferencePool({
    threads: 1,
    read: ({ tenantId, sha256 }) => {
      if (!stores) throw new Error('the API has not started');
      return stores.forTenant(tenantId).get(sha256);
    },
  });
  const test = await startTestApi({
    prediction: (database) =>
      new PredictionService({
        champions: {
          current: async (tenantId, kind) => {
            const champion = await findChampion(database, tenantId, kind);
            if (champion) return champion;
            throw new AppError('MODEL_NOT_READY', 'nothing is promoted');
          },
        },
        pool,
        histories: new SubjectHistories(database),
        log: new PredictionLog({
          inTenant: (tenantId, work) => {
            commits += 1;
            return database.inTenant(tenantId, work);
          },
        }),
      }),
  });
  stores = test.stores;
  return {
    test,
    commits: () => commits,
    close: async () => {
      await test.close();
      await pool.close();
    },
  };
}

/** Promotes a model of tables with logit = weight·x + 1 for red, + 2 for blue; its version's id. */
export async function promoteLinear(test: TestApi, owner: ApiTenant, weight: number): Promise<string> {
  const { id } = await trainedModel(test, owner, { artifactFile: linearArtifact(weight) });
  await owner.caller.data(
    'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { __typename } }',
    { id },
  );
  return id;
}

/** Features of a model of tables, as a request has them. */
export function rowInput(x: number, color: string, rest: object = {}): object {
  return {
    ...rest,
    features: [
      { name: 'x', number: x },
      { name: 'color', text: color },
    ],
  };
}
