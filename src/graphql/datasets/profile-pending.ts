import { Field, Int, ObjectType } from 'type-graphql';

/** Files that take longer than a request waits take some seconds more, as a rule. */
const RETRY_AFTER_SECONDS = 3;

@ObjectType('ProfilePending', {
  description: 'The profile is being made, or waits for its turn: one file of a tenant is read at a time.',
})
export class ProfilePending {
  @Field(() => Int, { description: 'Ask again after so many seconds.' })
  readonly retryAfterSeconds!: number;
}

export function pending(): ProfilePending {
  return Object.assign(new ProfilePending(), { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
