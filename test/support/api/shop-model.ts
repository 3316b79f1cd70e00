import { discoverDomains } from '../../../src/app/discover-domains';
import { type Database } from '../../../src/platform/persistence/database';
import { SubjectHistories } from '../../../src/services/events/subject-histories';
import { PredictionService } from '../../../src/services/prediction/prediction.service';

const spec = discoverDomains().find(({ kind }) => kind === 'ECOMMERCE_PURCHASE')!.featureSpec;

/** The e-commerce model is one that answers by the number of events it saw; what it was asked is told. */
export function shopModel(
  probabilityOf: (events: number) => number,
  onRows: (rows: number) => void = () => undefined,
): (database: Database) => PredictionService {
  return (database) =>
    new PredictionService({
      champions: {
        current: (tenantId) =>
          Promise.resolve({
            version: { id: 'version', number: 3, createdAt: new Date(0) },
            artifact: { tenantId, sha256: 'artifact' },
            spec,
            threshold: 0.5,
          }),
      },
      pool: {
        run: (_artifact, inputs) => {
          const lengths = Array.from(inputs['s_length']?.data ?? [], Number);
          onRows(lengths.length);
          const probability = Float32Array.from(lengths, probabilityOf);
          return Promise.resolve({ probability, logit: probability });
        },
      },
      histories: new SubjectHistories(database),
    });
}
