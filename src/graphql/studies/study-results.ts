import {
  createUnionType,
  Field,
  Float,
  ID,
  InputType,
  Int,
  ObjectType,
  registerEnumType,
} from 'type-graphql';
import { type Objective as SearchObjective } from '../../learning/search/rank-trials';
import { type RequestedDevice as Device } from '../../services/training/requested-device';
import { type RunPriority } from '../../services/training/run-priority';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { QuotaExceeded } from '../quotas/quota-exceeded';
import { Conflict, InvalidConfiguration, InvalidInput, MappingUnconfirmed } from '../results/shared-errors';
import { JsonObject } from '../scalars';
import { RequestedDevice } from '../training/requested-device';
import { EntityDatasetInput } from '../training/training-results';
import { TrainingPriority } from '../training/training-run';
import { Objective, TrainingStudy } from './study';

export const SearchSampler = enumOf(['RANDOM']);

registerEnumType(SearchSampler, {
  name: 'SearchSampler',
  description: 'How a search draws what it tries.',
  valuesConfig: { RANDOM: { description: 'At random, each trial by itself.' } },
});

@InputType('CrossValidationInput', {
  description:
    'Trains the configuration in force once for each fold. How examples are put into folds follows from its `split`: at random, with entities together, or by time, where each fold is tested on what came before it.',
})
export class CrossValidationInput {
  @Field(() => Int, { defaultValue: 5, description: 'How many folds, 2 to 20.' })
  readonly folds!: number;
}

@InputType('SuccessiveHalvingInput', {
  description:
    'Trains all trials for a few epochs, the best 1/eta of them anew for eta times as many, and so on until the last are trained for as many as configured.',
})
export class SuccessiveHalvingInput {
  @Field(() => Int, {
    defaultValue: 1,
    description: 'Epochs of the first step; below the configured `maxEpochs`.',
  })
  readonly minEpochs!: number;

  @Field(() => Int, {
    defaultValue: 3,
    description: 'One of so many goes on, for so many times the epochs; 2 to 10.',
  })
  readonly eta!: number;
}

@InputType('SearchInput', {
  description:
    'Trains configurations that differ from the one in force in what is drawn from a space, chooses the best of them on the validation part, and trains it to become a model version.',
})
export class SearchInput {
  @Field(() => JsonObject, {
    description:
      'By the path of each option of the model configuration, what it is drawn from: `{"choices": […]}`, `{"uniform": {"min": …, "max": …}}` or, for orders of magnitude, `{"logUniform": {"min": …, "max": …}}`, the last two with `"integer": true` for whole numbers. Such as `{"learningRate": {"logUniform": {"min": 0.0003, "max": 0.03}}, "recurrent.cell": {"choices": ["GRU", "LSTM"]}}`. 1 to 32 options.',
  })
  readonly space!: object;

  @Field(() => Int, {
    defaultValue: 20,
    description: 'How many different configurations are tried, 2 to 256.',
  })
  readonly trials!: number;

  @Field(() => SearchSampler, { defaultValue: 'RANDOM', description: 'How they are drawn.' })
  readonly sampler!: string;

  @Field(() => Objective, { defaultValue: 'LOG_LOSS', description: 'By what the best is chosen.' })
  readonly objective!: SearchObjective;

  @Field(() => Float, {
    defaultValue: 1,
    description:
      'A whole number from 0 to 4294967295: the same gives the same trials, of which fewer are the first of more.',
  })
  readonly seed!: number;

  @Field(() => SuccessiveHalvingInput, {
    nullable: true,
    description: 'Stops the losers early; left out, each trial is trained in full.',
  })
  readonly successiveHalving?: SuccessiveHalvingInput | null;

  @Field(() => Boolean, {
    defaultValue: true,
    description: 'Whether the best is trained to become a model version.',
  })
  readonly refit!: boolean;
}

@InputType('StartStudyInput', { description: 'What to compare, and on what: `crossValidation` or `search`.' })
export class StartStudyInput {
  @Field(() => DomainKind, { description: 'The domain, trained as its configuration in force says.' })
  readonly kind!: string;

  @Field(() => ID, { description: 'The dataset; it must be READY and of the same domain.' })
  readonly datasetId!: string;

  @Field(() => [EntityDatasetInput], {
    defaultValue: [],
    description: "One for each of the configuration's entities; empty where it has none.",
  })
  readonly entities!: EntityDatasetInput[];

  @Field(() => TrainingPriority, {
    defaultValue: 'LOW',
    description: 'Of its trainings among the others of your tenant.',
  })
  readonly priority!: RunPriority;

  @Field(() => RequestedDevice, { defaultValue: 'AUTO', description: 'What they are to be trained on.' })
  readonly device!: Device;

  @Field(() => CrossValidationInput, { nullable: true, description: 'Not together with `search`.' })
  readonly crossValidation?: CrossValidationInput | null;

  @Field(() => SearchInput, { nullable: true, description: 'Not together with `crossValidation`.' })
  readonly search?: SearchInput | null;
}

@ObjectType('StartStudySuccess', {
  description: 'The study is accepted: it will be gone through with, even if servers stop meanwhile.',
})
export class StartStudySuccess {
  @Field(() => TrainingStudy, { description: 'The study; its trainings wait for their turns.' })
  readonly study!: TrainingStudy;
}

export const StartStudyResult = createUnionType({
  name: 'StartStudyResult',
  description:
    'What came of `startStudy`. `InvalidInput`: among others, an option that the configuration does not have. `Conflict`: the dataset is not READY or of another domain, or the domain is not configured.',
  types: () =>
    [
      StartStudySuccess,
      InvalidInput,
      InvalidConfiguration,
      MappingUnconfirmed,
      Conflict,
      QuotaExceeded,
    ] as const,
});

@InputType('CancelStudyInput', { description: 'The study that is to end.' })
export class CancelStudyInput {
  @Field(() => ID, { description: "The study's id." })
  readonly studyId!: string;
}

@ObjectType('CancelStudySuccess', {
  description:
    'The study has ended as CANCELLED; those of its trainings that are executed stop within seconds.',
})
export class CancelStudySuccess {
  @Field(() => TrainingStudy, { description: 'The study.' })
  readonly study!: TrainingStudy;
}

export const CancelStudyResult = createUnionType({
  name: 'CancelStudyResult',
  description: 'What came of `cancelStudy`. `Conflict`: the study had already succeeded or failed.',
  types: () => [CancelStudySuccess, Conflict] as const,
});
