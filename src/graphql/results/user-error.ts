import { Field, InterfaceType } from 'type-graphql';
import { type AppError, type ErrorCode as Code } from '../../errors';
import { ErrorCode } from './error-code';

/**
 * An outcome that a client can act on, returned as a member of an operation's result union.
 *
 * Each member names the codes it stands for in a static `codes`, and is built from the AppError.
 */
@InterfaceType('UserError', {
  description:
    'An expected outcome that is not success. Select `... on UserError { code message }` to cover every kind, also those added later.',
})
export abstract class UserError {
  @Field(() => ErrorCode, { description: 'What kind of outcome this is, for programs.' })
  readonly code: Code;

  @Field(() => String, { description: 'What is wrong and what to do about it, for people.' })
  readonly message: string;

  constructor(error: AppError) {
    this.code = error.code;
    this.message = error.message;
  }
}

export interface UserErrorClass<E extends UserError> {
  readonly codes: readonly Code[];
  new (error: AppError): E;
}
