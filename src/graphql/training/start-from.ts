import { Field, Float, ID, ObjectType, registerEnumType } from 'type-graphql';
import { START_RULES } from '../../services/training/start-version';
import { type TrainingRun } from '../../services/training/training-run.entity';
import { enumOf } from '../enum-of';
import { SafeInt } from '../scalars';

export const StartFrom = enumOf(START_RULES);

registerEnumType(StartFrom, {
  name: 'StartFrom',
  description: 'Whose weights a training starts from.',
  valuesConfig: {
    CHAMPION: {
      description:
        'Those of the version that serves when the training is asked for, where they have not seen what the training holds out.',
    },
    NOTHING: { description: 'Drawn ones.' },
  },
});

@ObjectType('WarmStart', {
  description: 'That a training was to start from the weights of an earlier version, and what came of it.',
})
export class WarmStart {
  @Field(() => ID, { description: 'The version to start from.' })
  readonly modelVersionId!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Why its weights were not used, and drawn ones were; null where they were used, and until that is known.',
  })
  readonly refused!: string | null;

  @Field(() => SafeInt, {
    nullable: true,
    description: 'How many numbers the network has; null until it is made, and where the start was refused.',
  })
  readonly weights!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Which share of these was taken over, 0 to 1: the others are of layers, columns and categories that the earlier version did not have. Null as `weights` is.',
  })
  readonly takenShare!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Mean loss over the validation part of this training before its first step; what is kept is never worse. Null as `weights` is.',
  })
  readonly validationLoss!: number | null;

  /** Null of a run that starts from nothing. */
  static of({
    startVersionId,
    warmStart,
  }: Pick<TrainingRun, 'startVersionId' | 'warmStart'>): WarmStart | null {
    if (startVersionId === null) return null;
    const isKnown = warmStart !== null && warmStart.refused === null;
    return Object.assign(new WarmStart(), {
      modelVersionId: startVersionId,
      refused: warmStart?.refused ?? null,
      weights: isKnown ? warmStart.weights : null,
      takenShare: isKnown ? warmStart.taken / Math.max(1, warmStart.weights) : null,
      validationLoss: isKnown ? warmStart.validationLoss : null,
    });
  }
}
