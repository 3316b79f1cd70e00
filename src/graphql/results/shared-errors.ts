import { Field, ObjectType } from 'type-graphql';
import { type AppError, type ErrorCode, type Issue as IssueData } from '../../errors';
import { Issue } from './issue';
import { UserError } from './user-error';

/** An error whose issues are part of the answer. */
export abstract class UserErrorWithIssues extends UserError {
  readonly issues: readonly IssueData[];

  constructor(error: AppError) {
    super(error);
    this.issues = error.issues;
  }
}

const issues = { description: 'Everything that is wrong, each with its place; one entry or more.' };

@ObjectType('InvalidInput', {
  implements: UserError,
  description: 'The input breaks a documented bound (code `BAD_USER_INPUT`). Nothing was changed.',
})
export class InvalidInput extends UserErrorWithIssues {
  static readonly codes: readonly ErrorCode[] = ['BAD_USER_INPUT'];

  @Field(() => [Issue], issues)
  declare readonly issues: readonly IssueData[];
}

@ObjectType('InvalidConfiguration', {
  implements: UserError,
  description:
    'The feature specification, the model configuration, or the two together are not valid (code `INVALID_CONFIGURATION`). Nothing was changed.',
})
export class InvalidConfiguration extends UserErrorWithIssues {
  static readonly codes: readonly ErrorCode[] = ['INVALID_CONFIGURATION'];

  @Field(() => [Issue], issues)
  declare readonly issues: readonly IssueData[];
}

@ObjectType('UnreadableDataset', {
  implements: UserError,
  description:
    'The file cannot be read with the configuration in force (code `INVALID_DATA`, `INVALID_CONFIGURATION`, or `TRAINING_FAILED` when it does not fit in memory).',
})
export class UnreadableDataset extends UserErrorWithIssues {
  static readonly codes: readonly ErrorCode[] = ['INVALID_DATA', 'INVALID_CONFIGURATION', 'TRAINING_FAILED'];

  @Field(() => [Issue], { description: 'Where it does not fit; empty when it is no single place.' })
  declare readonly issues: readonly IssueData[];
}

@ObjectType('MappingUnconfirmed', {
  implements: UserError,
  description:
    'It is not certain which columns of the file are those that the configuration reads (code `MAPPING_UNCONFIRMED`): look at `Dataset.mapping`, and confirm or correct it with `mapDataset`.',
})
export class MappingUnconfirmed extends UserErrorWithIssues {
  static readonly codes: readonly ErrorCode[] = ['MAPPING_UNCONFIRMED'];

  @Field(() => [Issue], {
    description: 'The columns to be confirmed: `path` is the one that the configuration reads.',
  })
  declare readonly issues: readonly IssueData[];
}

@ObjectType('InvalidFeatures', {
  implements: UserError,
  description:
    "The features of a prediction do not fit the promoted model's specification (code `BAD_USER_INPUT`).",
})
export class InvalidFeatures extends UserErrorWithIssues {
  static readonly codes: readonly ErrorCode[] = ['BAD_USER_INPUT'];

  @Field(() => [Issue], issues)
  declare readonly issues: readonly IssueData[];
}

@ObjectType('Conflict', {
  implements: UserError,
  description: 'The object, or its neighbours, are in a state that does not allow this (code `CONFLICT`).',
})
export class Conflict extends UserError {
  static readonly codes: readonly ErrorCode[] = ['CONFLICT'];
}

@ObjectType('ModelNotReady', {
  implements: UserError,
  description:
    'No model version is promoted for the domain yet (code `MODEL_NOT_READY`): train one, then call `promoteModel`.',
})
export class ModelNotReady extends UserError {
  static readonly codes: readonly ErrorCode[] = ['MODEL_NOT_READY'];
}
