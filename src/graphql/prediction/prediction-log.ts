import { createUnionType, Field, Float, InputType, Int, ObjectType } from 'type-graphql';
import { DomainKind } from '../domain-kind';
import { InvalidInput } from '../results/shared-errors';

@ObjectType('PredictionLog', { description: 'How the predictions of a domain are recorded in your tenant.' })
export class PredictionLog {
  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;

  @Field(() => Float, {
    description:
      'Share of the subjects whose predictions are all recorded, 0 to 1; beside it, whatever is asked for its `id` is. 0 unless it was set.',
  })
  readonly share!: number;

  @Field(() => Int, {
    description: 'For how many days predictions and outcomes are kept; 400 unless it was set.',
  })
  readonly retentionDays!: number;

  @Field(() => Boolean, {
    description:
      'Whether outcomes that follow from stored events are recorded by themselves; yes unless it was set.',
  })
  readonly inferOutcomes!: boolean;
}

@InputType('ConfigurePredictionLogInput', { description: 'What is left out stays as it is.' })
export class ConfigurePredictionLogInput {
  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;

  @Field(() => Float, {
    nullable: true,
    description:
      'Share of the subjects whose predictions are all recorded, 0 to 1: always the same subjects. Of predictions without a subject, that share is drawn by lot.',
  })
  readonly share?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'For how many days predictions and their outcomes are kept, 1 to 3650; older ones are deleted.',
  })
  readonly retentionDays?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether outcomes that follow from stored events are recorded by themselves. Say no where events of the kind that decides do not all come here.',
  })
  readonly inferOutcomes?: boolean | null;
}

@ObjectType('ConfigurePredictionLogSuccess', { description: 'It is in force.' })
export class ConfigurePredictionLogSuccess {
  @Field(() => PredictionLog, { description: 'How predictions are recorded from now on.' })
  readonly predictionLog!: PredictionLog;
}

export const ConfigurePredictionLogResult = createUnionType({
  name: 'ConfigurePredictionLogResult',
  description: 'What came of `configurePredictionLog`.',
  types: () => [ConfigurePredictionLogSuccess, InvalidInput] as const,
});
