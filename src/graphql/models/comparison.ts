import { createUnionType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { type ErrorCode } from '../../errors';
import { type ModelComparison as ComparisonData } from '../../services/models/compare';
import { InvalidInput } from '../results/shared-errors';
import { UserError } from '../results/user-error';
import { Evaluation } from './evaluation';
import { SliceConditionInput } from './held-out';
import { ModelVersion } from './model-version';
import { PairedTest } from './paired-test';

@InputType('CompareModelsInput', { description: 'The two versions, of one domain.' })
export class CompareModelsInput {
  @Field(() => ID, { description: 'Id of the version that is compared with, such as the champion.' })
  readonly first!: string;

  @Field(() => ID, { description: 'Id of the version whose gain is asked for.' })
  readonly second!: string;

  @Field(() => [SliceConditionInput], {
    nullable: true,
    description:
      'Only examples for which all of these hold, by what the first version kept; all examples where absent. At most 5.',
  })
  readonly slice?: readonly SliceConditionInput[] | null;
}

@ObjectType('ModelComparison', {
  description:
    'Two versions on the test examples that both have, matched by id. Examples that either was fitted or tuned on are none of them.',
})
export class ModelComparison {
  @Field(() => ModelVersion, { description: 'The version that is compared with.' })
  readonly first!: ModelVersion;

  @Field(() => ModelVersion, { description: 'The version whose gain is asked for.' })
  readonly second!: ModelVersion;

  @Field(() => Int, { description: 'Examples that both have with the same label: all else is of these.' })
  readonly matched!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Different subjects among them; null where the data names none.',
  })
  readonly subjects!: number | null;

  @Field(() => Int, { description: 'Test examples of the first, in the slice, that the second lacks.' })
  readonly onlyFirst!: number;

  @Field(() => Int, {
    description: 'Test examples of the second that the first lacks, or has outside the slice.',
  })
  readonly onlySecond!: number;

  @Field(() => Int, {
    description: 'Examples of both whose label is another in each, as when it was defined anew: left out.',
  })
  readonly differentLabels!: number;

  @Field(() => Int, {
    description: 'Ids that a version has more than once, so that nothing can be matched by them: left out.',
  })
  readonly ambiguousIds!: number;

  @Field(() => Evaluation, {
    description: 'The first, on the matched examples, at its recommended threshold.',
  })
  readonly firstEvaluation!: Evaluation;

  @Field(() => Evaluation, {
    description: 'The second, on the matched examples, at its recommended threshold.',
  })
  readonly secondEvaluation!: Evaluation;

  @Field(() => PairedTest, {
    description: 'ROC AUC, by DeLong’s test, over subjects where they are known. Greater is better.',
  })
  readonly rocAuc!: PairedTest;

  @Field(() => PairedTest, {
    description: 'Log loss, by a paired bootstrap, over subjects where they are known. Smaller is better.',
  })
  readonly logLoss!: PairedTest;

  static from(data: ComparisonData): ModelComparison {
    return Object.assign(new ModelComparison(), {
      ...data,
      first: ModelVersion.from(data.first),
      second: ModelVersion.from(data.second),
      firstEvaluation: Evaluation.from(data.firstEvaluation),
      secondEvaluation: Evaluation.from(data.secondEvaluation),
      rocAuc: PairedTest.from(data.rocAuc),
      logLoss: PairedTest.from(data.logLoss),
    });
  }
}

@ObjectType('NotComparable', {
  implements: UserError,
  description:
    'The versions share fewer than 30 held-out examples, or it cannot be known which are the same (code `CONFLICT`).',
})
export class NotComparable extends UserError {
  static readonly codes: readonly ErrorCode[] = ['CONFLICT'];
}

export const CompareModelsResult = createUnionType({
  name: 'CompareModelsResult',
  description:
    'What `compareModels` answers. `InvalidInput`: it is the same version twice, of two domains, or the slice is not valid.',
  types: () => [ModelComparison, NotComparable, InvalidInput] as const,
});
