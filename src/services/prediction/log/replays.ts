import { featureSpecSchema } from '../../../learning/features/feature-spec';
import { type Database } from '../../../platform/persistence/database';
import { ModelVersion } from '../../models/model-version.entity';
import { type PredictionService } from '../prediction.service';
import { type RecordedPrediction } from './recorded-prediction';
import { type RecordedPredictions } from './recorded-predictions';

export interface Replay {
  readonly recorded: RecordedPrediction;
  /** What the artifact says of the snapshot now. */
  readonly probability: number;
  readonly logit: number;
  /** Whether both are the recorded ones, to the last bit. */
  readonly identical: boolean;
}

/** Scores recorded predictions again, from what was stored of them alone. */
export class Replays {
  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly predictions: Pick<RecordedPredictions, 'get'>,
    private readonly service: Pick<PredictionService, 'rescore'>,
  ) {}

  /** @throws AppError NOT_FOUND, UNAVAILABLE */
  async replay(tenantId: string, id: string): Promise<Replay> {
    const recorded = await this.predictions.get(tenantId, id);
    const version = await this.database.inTenant(tenantId, (scope) =>
      scope.repository(ModelVersion).getOrThrow(recorded.modelVersionId),
    );
    const spec = featureSpecSchema.parse(version.featureSpec);
    const artifact = { tenantId, sha256: recorded.artifactSha256 };
    const { probability, logit } = await this.service.rescore({ artifact, spec }, recorded.record);
    const identical = Object.is(probability, recorded.probability) && Object.is(logit, recorded.logit);
    return { recorded, probability, logit, identical };
  }
}
