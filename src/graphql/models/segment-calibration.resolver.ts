import { Arg, Authorized, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { SegmentCalibrationService } from '../../services/models/segment-calibration.service';
import { ANALYSTS } from '../authorization';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { InvalidInput } from '../results/shared-errors';
import { ModelVersion } from './model-version';
import { CalibrationBySegment, CalibrationBySegmentResult } from './segment-calibration';

@Resolver(() => ModelVersion)
export class SegmentCalibrationResolver {
  constructor(private readonly calibrations: SegmentCalibrationService) {}

  @Authorized<Role>(ANALYSTS)
  @FieldResolver(() => CalibrationBySegmentResult, {
    complexity: COST.DATASET,
    description:
      'Predicted and observed positives by the values of a feature, and what a correction of each would do. Takes up to some seconds when asked for the first time. Roles: TENANT_ADMIN, ANALYST.',
  })
  async calibrationBy(
    @Root() { entity }: ModelVersion,
    @Ctx() ctx: GraphqlContext,
    @Arg('feature', () => String, { description: 'A category: one of `sliceFeatures`.' }) feature: string,
  ): Promise<typeof CalibrationBySegmentResult> {
    return outcome([InvalidInput], async () =>
      CalibrationBySegment.from(await this.calibrations.of(requireTenant(ctx), entity, feature)),
    );
  }
}
