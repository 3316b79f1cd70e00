import { AppError } from '../../errors';
import { type SegmentCalibration, segmentCalibration } from '../../learning/evaluation/segment-calibration';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { Slots } from '../datasets/slots';
import { heldOutSegments } from './held-out-segments';
import { ModelVersion } from './model-version.entity';
import { Promotion } from './promotion.entity';
import { RecentResults } from './recent-results';

const KEPT_RESULTS = 500;

export interface CalibrationBySegment {
  readonly feature: string;
  /** The largest first. */
  readonly segments: readonly SegmentCalibration[];
  /** Values that were left out. */
  readonly leftOut: number;
}

/** How far a model can be taken at its word where a feature has one value and where it has another. */
export class SegmentCalibrationService {
  private readonly turns = new Slots(1);
  private readonly results = new RecentResults<CalibrationBySegment>(KEPT_RESULTS, () => 1);

  private readonly factors = new RecentResults<ReadonlyMap<string, number>>(KEPT_RESULTS, () => 1);

  constructor(
    private readonly database: Database,
    private readonly stores: ObjectStores,
  ) {}

  /**
   * Kept once it was asked for: held-out predictions never change.
   * @throws AppError BAD_USER_INPUT at `feature`
   */
  async of(
    ctx: TenantContext,
    version: Pick<ModelVersion, 'predictionsSha256' | 'featureSpec'>,
    feature: string,
  ): Promise<CalibrationBySegment> {
    const { predictionsSha256, featureSpec } = version;
    const key = JSON.stringify([ctx.actor.tenantId, predictionsSha256, feature]);
    return this.results.get(key, () =>
      this.turns.run(async () => {
        const path = await this.stores.forTenant(ctx.actor.tenantId).localPath(predictionsSha256);
        const { segments, leftOut } = await heldOutSegments(path, featureSpec, feature);
        return { feature, segments: await segmentCalibration(segments), leftOut };
      }),
    );
  }

  /**
   * The factors on the odds that are offered, by the feature's value; none where the feature was not kept. A lookup in
   * memory but for the first time.
   */
  async offered(
    ctx: TenantContext,
    versionId: string,
    feature: string,
  ): Promise<ReadonlyMap<string, number>> {
    const { tenantId } = ctx.actor;
    return this.factors.get(JSON.stringify([tenantId, versionId, feature]), async () => {
      const version = await this.database.inTenant(tenantId, (scope) =>
        scope.repository(ModelVersion).getOrThrow(versionId),
      );
      try {
        const { segments } = await this.of(ctx, version, feature);
        return new Map(
          segments.flatMap(({ value, correction }) =>
            correction?.isOffered ? [[value, correction.oddsFactor] as const] : [],
          ),
        );
      } catch (error) {
        if (error instanceof AppError && error.code === 'BAD_USER_INPUT') return new Map<string, number>();
        throw error;
      }
    });
  }

  /**
   * That of the version that serves.
   * @throws AppError MODEL_NOT_READY before the first promotion; BAD_USER_INPUT at `feature`
   */
  async ofChampion(
    ctx: TenantContext,
    kind: string,
    feature: string,
  ): Promise<CalibrationBySegment & { readonly version: ModelVersion }> {
    const version = await this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const promotion = await scope.repository(Promotion).findOne({ kind }, { order: { sequence: 'DESC' } });
      return promotion && scope.repository(ModelVersion).getOrThrow(promotion.modelVersionId);
    });
    if (!version)
      throw new AppError(
        'MODEL_NOT_READY',
        `No model of ${kind} is promoted yet: train one with startTraining, then call promoteModel.`,
      );
    return { ...(await this.of(ctx, version, feature)), version };
  }
}
