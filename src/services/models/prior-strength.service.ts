import { inTurns } from '../../learning/decisions/items/in-turns';
import { type PriorStrength, priorStrengthSteps } from '../../learning/evaluation/prior-strength';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { Slots } from '../datasets/slots';
import { heldOutCells } from './held-out-cells';
import { ModelVersion } from './model-version.entity';
import { RecentResults } from './recent-results';

/** A result is four numbers. */
const KEPT_RESULTS = 5000;

/** How strongly versions can be believed about the rate of one thing among many, told by their held-out predictions. */
export class PriorStrengthService {
  private readonly turns = new Slots(1);
  private readonly results = new RecentResults<PriorStrength>(KEPT_RESULTS, () => 1);

  constructor(
    private readonly database: Database,
    private readonly stores: ObjectStores,
  ) {}

  /** A subject was erased: what is kept of held-out examples is read again. */
  forget(): void {
    this.results.clear();
  }

  /**
   * A lookup in memory but for the first time.
   * @param featuresOf the features by which the examples of one thing are known, of a version with this specification:
   *   the same for every call with a version
   * @returns what holds without any examples where the version or what it predicted is gone, or it kept none of these
   *   features
   */
  async of(
    ctx: TenantContext,
    versionId: string,
    featuresOf: (spec: FeatureSpec) => readonly string[],
  ): Promise<PriorStrength> {
    const { tenantId } = ctx.actor;
    return this.results.get(JSON.stringify([tenantId, versionId]), async () => {
      const version = await this.database.inTenant(tenantId, (scope) =>
        scope.repository(ModelVersion).findOne({ id: versionId }),
      );
      return this.turns.run(async () => {
        const store = this.stores.forTenant(tenantId);
        const cells =
          version && (await store.has(version.predictionsSha256))
            ? await heldOutCells(
                await store.localPath(version.predictionsSha256),
                featuresOf(version.featureSpec),
              )
            : [];
        return inTurns(priorStrengthSteps(cells));
      });
    });
  }
}
