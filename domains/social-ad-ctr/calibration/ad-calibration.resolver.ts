import { Arg, Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { ANALYSTS } from '../../../src/graphql/authorization';
import { type GraphqlContext } from '../../../src/graphql/context';
import { COST } from '../../../src/graphql/limits/cost';
import { CalibrationBySegment } from '../../../src/graphql/models/segment-calibration';
import { outcome } from '../../../src/graphql/results/outcome';
import { InvalidInput, ModelNotReady } from '../../../src/graphql/results/shared-errors';
import { requireTenant } from '../../../src/platform/tenancy/request-context';
import { type Role } from '../../../src/platform/tenancy/role';
import { SegmentCalibrationService } from '../../../src/services/models/segment-calibration.service';
import { AD_KIND } from '../ad-kind';
import { AdCalibration, AdCalibrationResult } from './ad-calibration';

@Resolver()
export class AdCalibrationResolver {
  constructor(private readonly calibrations: SegmentCalibrationService) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => AdCalibrationResult, {
    complexity: COST.DATASET,
    description:
      'How far CTRs can be taken at their word in each placement: predicted and observed clicks of the version that serves, and the corrections that it would be better with. Takes up to some seconds when asked for the first time. Roles: TENANT_ADMIN, ANALYST.',
  })
  async adCalibration(
    @Ctx() ctx: GraphqlContext,
    @Arg('by', () => String, {
      defaultValue: 'placement',
      description: 'Another category to look at, such as `category`, `device` or `targeting`.',
    })
    by: string,
  ): Promise<typeof AdCalibrationResult> {
    return outcome([InvalidInput, ModelNotReady], async () => {
      const { version, ...found } = await this.calibrations.ofChampion(requireTenant(ctx), AD_KIND, by);
      const { id, number, createdAt } = version;
      return Object.assign(new AdCalibration(), {
        modelVersion: { id, number, createdAt },
        calibration: CalibrationBySegment.from(found),
      });
    });
  }
}
