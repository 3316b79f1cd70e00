import { AppError } from '../../errors';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { Slots } from '../datasets/slots';
import { type ModelVersion } from '../models/model-version.entity';
import { type ModelsService } from '../models/models.service';
import { RecentResults } from '../models/recent-results';
import { type PastExamples, readPastExamples } from './past-examples';

/** Examples kept in memory for the next question about them, at most. */
const KEPT_EXAMPLES = 1_000_000;
/** Files read at the same time. */
const READS_AT_ONCE = 2;

/** The past that policies are tried on: examples that the champion was neither fitted nor tuned on. */
export interface Past {
  readonly version: ModelVersion;
  readonly examples: PastExamples;
}

/** Tries policies on the past before they are in force. */
export class PolicyPreviewsService {
  private readonly reads = new Slots(READS_AT_ONCE);
  private readonly examples: RecentResults<PastExamples>;

  constructor(
    private readonly models: ModelsService,
    private readonly stores: ObjectStores,
  ) {
    this.examples = new RecentResults(
      KEPT_EXAMPLES,
      ({ count, validation }) => count + validation.labels_N.length + 1,
    );
  }

  /** A subject of the past was erased: it is read again. */
  forget(): void {
    this.examples.clear();
  }

  /**
   * The version that serves.
   * @throws AppError MODEL_NOT_READY when nothing is promoted
   */
  async champion(ctx: TenantContext, kind: string): Promise<ModelVersion> {
    const [promotion] = await this.models.currentPromotions(ctx, [kind]);
    if (promotion) return this.models.get(ctx, promotion.modelVersionId);
    throw new AppError(
      'MODEL_NOT_READY',
      `No model of ${kind} is promoted yet, so there is no past to look at: train one with startTraining, then call promoteModel.`,
    );
  }

  /**
   * The test part of the version that serves.
   * @param features whose values are wanted; those that were not kept are passed over
   * @throws AppError MODEL_NOT_READY when nothing is promoted; CONFLICT when its test part is empty
   */
  async past(ctx: TenantContext, kind: string, features: readonly string[] = []): Promise<Past> {
    const version = await this.champion(ctx, kind);
    const { tenantId } = ctx.actor;
    const key = JSON.stringify([tenantId, version.predictionsSha256, features]);
    const examples = await this.examples.get(key, () =>
      this.reads.run(async () =>
        readPastExamples(
          await this.stores.forTenant(tenantId).localPath(version.predictionsSha256),
          features,
        ),
      ),
    );
    if (examples.count === 0)
      throw new AppError(
        'CONFLICT',
        `Version ${version.number} of ${kind} has no held-out test examples to try a policy on.`,
      );
    return { version, examples };
  }
}
