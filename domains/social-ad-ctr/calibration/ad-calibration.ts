import { createUnionType, Field, ObjectType } from 'type-graphql';
import { CalibrationBySegment } from '../../../src/graphql/models/segment-calibration';
import { ServingVersion } from '../../../src/graphql/prediction/prediction';
import { InvalidInput, ModelNotReady } from '../../../src/graphql/results/shared-errors';

@ObjectType('AdCalibration', {
  simpleResolvers: true,
  description: 'Predicted and observed clicks of the version that serves, on its test part.',
})
export class AdCalibration {
  @Field(() => ServingVersion, { description: 'The version.' })
  readonly modelVersion!: ServingVersion;

  @Field(() => CalibrationBySegment, { description: 'By the values of the feature.' })
  readonly calibration!: CalibrationBySegment;
}

export const AdCalibrationResult = createUnionType({
  name: 'AdCalibrationResult',
  description: 'The calibration, or why there is none.',
  types: () => [AdCalibration, InvalidInput, ModelNotReady] as const,
});
