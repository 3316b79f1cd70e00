import { Field, Float, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { type AppError, type ErrorCode } from '../../errors';
import { BASELINES, type Baseline as BaselineData, isBeaten } from '../../learning/baseline/baseline';
import { enumOf } from '../enum-of';
import { UserError } from '../results/user-error';
import { Evaluation } from './evaluation';
import { PairedTest } from './paired-test';

export const BaselineName = enumOf(BASELINES);
registerEnumType(BaselineName, {
  name: 'BaselineName',
  description: 'A cheap model that any other is to be worth more than.',
  valuesConfig: {
    LOGISTIC_REGRESSION: {
      description:
        'A weight for each number and category; of histories, for the mean of their steps, the last one, and how many they are.',
    },
    BASE_RATE: {
      description: 'The share of positives in the training part, where logistic regression cannot be fitted.',
    },
  },
});

@ObjectType('BaselineDifference', {
  description:
    'Log losses of baseline (`first`) and model (`second`) on the same examples, by a paired bootstrap, over subjects where they are known: below 0, the model is better.',
})
export class BaselineDifference {
  @Field(() => PairedTest, { description: 'On the validation part, by which it is decided.' })
  readonly validation!: PairedTest;

  @Field(() => PairedTest, { description: 'On the test part, which decides nothing.' })
  readonly test!: PairedTest;
}

@ObjectType('Baseline', {
  description:
    'What a model is to be worth more than: fitted on the same training part, and calibrated on the same validation part.',
})
export class Baseline {
  @Field(() => BaselineName, { description: 'Which.' })
  readonly name!: string;

  @Field(() => Int, {
    description: 'Examples of the training part that it was fitted on: all of them, or a sample of 200,000.',
  })
  readonly examples!: number;

  @Field(() => Evaluation, {
    description: 'How good it is on the validation part, at its threshold of largest F1 there.',
  })
  readonly validation!: Evaluation;

  @Field(() => Evaluation, { description: 'How good it is on the test part, at the same threshold.' })
  readonly test!: Evaluation;

  @Field(() => BaselineDifference, { description: 'By how much the model is better, and how sure that is.' })
  readonly difference!: BaselineDifference;

  @Field(() => Boolean, {
    description:
      "Whether the model's log loss on the validation part is lower; if not, `promoteModel` and `startChallenger` want a `baselineOverride`.",
  })
  readonly isBeaten!: boolean;

  static from(data: BaselineData): Baseline {
    const { validation, test } = data.difference;
    return Object.assign(new Baseline(), {
      name: data.name,
      examples: data.examples,
      validation: Evaluation.from(data.validation),
      test: Evaluation.from(data.test),
      difference: Object.assign(new BaselineDifference(), {
        validation: PairedTest.from(validation),
        test: PairedTest.from(test),
      }),
      isBeaten: isBeaten(data),
    });
  }
}

@InputType('BaselineOverrideInput', {
  description:
    'Lets a version through that is not worth more than its baseline. It is audited; where the version is, or has no baseline, it is not needed and left unheeded.',
})
export class BaselineOverrideInput {
  @Field(() => String, { description: 'Why, for people: 1 to 500 characters.' })
  readonly reason!: string;
}

@ObjectType('BelowBaseline', {
  implements: UserError,
  description:
    'The version is not worth more than its baseline (code `BELOW_BASELINE`): train another, or give a `baselineOverride`. Nothing was changed.',
})
export class BelowBaseline extends UserError {
  static readonly codes: readonly ErrorCode[] = ['BELOW_BASELINE'];

  @Field(() => Float, { description: "The version's log loss on the validation part." })
  readonly logLoss: number;

  @Field(() => Float, { description: "The baseline's, on the same examples." })
  readonly baselineLogLoss: number;

  constructor(error: AppError) {
    super(error);
    this.logLoss = Number(error.details['logLoss'] ?? 0);
    this.baselineLogLoss = Number(error.details['baselineLogLoss'] ?? 0);
  }
}
