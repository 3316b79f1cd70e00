import { createUnionType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { type TenantRole as TenantRoleName } from '../../platform/tenancy/api-keys';
import { Conflict, InvalidInput } from '../results/shared-errors';
import { ApiKey, IssuedApiKey, Role, Tenant } from './tenant';

@InputType('CreateTenantInput', { description: 'A tenant to be made.' })
export class CreateTenantInput {
  @Field(() => String, {
    description:
      'Its name in addresses: 2 to 63 lower-case letters, digits and dashes, not starting with a dash; unique.',
  })
  readonly slug!: string;

  @Field(() => String, { description: 'Its name for people, 1 to 200 characters.' })
  readonly name!: string;
}

@ObjectType('CreateTenantSuccess', { description: 'The tenant exists, with one key to begin with.' })
export class CreateTenantSuccess {
  @Field(() => Tenant, { description: 'The tenant.' })
  readonly tenant!: Tenant;

  @Field(() => IssuedApiKey, { description: 'Its first API key, a TENANT_ADMIN.' })
  readonly apiKey!: IssuedApiKey;
}

export const CreateTenantResult = createUnionType({
  name: 'CreateTenantResult',
  description: 'What came of `createTenant`. `Conflict`: the slug is taken.',
  types: () => [CreateTenantSuccess, InvalidInput, Conflict] as const,
});

@InputType('SetTrainingShareInput', {
  description: 'How a tenant shares the training workers with the others.',
})
export class SetTrainingShareInput {
  @Field(() => ID, { description: 'The tenant.' })
  readonly tenantId!: string;

  @Field(() => Int, {
    description: 'Its part of the workers while others wait too, 1 to 1000; 1 is what a new tenant has.',
  })
  readonly trainingWeight!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'How many of its runs may be executed at a time, 0 to 10,000; 0: none is begun. Null or left out: as many as there are workers for.',
  })
  readonly maxRunningTrainings?: number | null;
}

@ObjectType('SetTrainingShareSuccess', {
  description: 'It holds from the next run that begins; what is executed goes on.',
})
export class SetTrainingShareSuccess {
  @Field(() => Tenant, { description: 'The tenant.' })
  readonly tenant!: Tenant;
}

export const SetTrainingShareResult = createUnionType({
  name: 'SetTrainingShareResult',
  description: 'What came of `setTrainingShare`.',
  types: () => [SetTrainingShareSuccess, InvalidInput] as const,
});

@InputType('CreateApiKeyInput', { description: 'An API key to be made.' })
export class CreateApiKeyInput {
  @Field(() => ID, {
    nullable: true,
    description:
      "The tenant that it is for: for a PLATFORM_ADMIN, who must name it. Otherwise it is the caller's own.",
  })
  readonly tenantId?: string | null;

  @Field(() => String, { description: 'What it is for, 1 to 200 characters.' })
  readonly name!: string;

  @Field(() => Role, { description: 'What it may do; every role but PLATFORM_ADMIN.' })
  readonly role!: TenantRoleName | 'PLATFORM_ADMIN';

  @Field(() => [String], {
    nullable: true,
    description:
      'The only operations that it may call, 1 to 100, of those that its role may: fields of Query, Mutation and Subscription, and `uploads` and `downloads`; left out: all of them.',
  })
  readonly operations?: string[] | null;

  @Field(() => Date, {
    nullable: true,
    description: 'When it stops working by itself; left out: when it is revoked.',
  })
  readonly expiresAt?: Date | null;
}

@ObjectType('CreateApiKeySuccess', { description: 'The key exists.' })
export class CreateApiKeySuccess {
  @Field(() => IssuedApiKey, { description: 'The key.' })
  readonly apiKey!: IssuedApiKey;
}

export const CreateApiKeyResult = createUnionType({
  name: 'CreateApiKeyResult',
  description: 'What came of `createApiKey`.',
  types: () => [CreateApiKeySuccess, InvalidInput] as const,
});

@InputType('RotateApiKeyInput', { description: 'An API key to be replaced.' })
export class RotateApiKeyInput {
  @Field(() => ID, { description: "The key's id; not the key itself." })
  readonly apiKeyId!: string;

  @Field(() => Int, {
    defaultValue: 1440,
    description: 'How many minutes the old key still works, unless it ends before: 0 to 43,200 (30 days).',
  })
  readonly overlapMinutes!: number;

  @Field(() => Date, {
    nullable: true,
    description:
      'When the new key stops working by itself; left out: it lives as long as the old one was to, if that had an end.',
  })
  readonly expiresAt?: Date | null;
}

@ObjectType('RotateApiKeySuccess', { description: 'There is a new key, and the old one has an end.' })
export class RotateApiKeySuccess {
  @Field(() => IssuedApiKey, {
    description: 'The new key, with the name, role and operations of the old one.',
  })
  readonly apiKey!: IssuedApiKey;

  @Field(() => ApiKey, { description: 'The old key, with the time until which it works.' })
  readonly previous!: ApiKey;
}

export const RotateApiKeyResult = createUnionType({
  name: 'RotateApiKeyResult',
  description:
    'What came of `rotateApiKey`. `Conflict`: the key was revoked, has expired, or was replaced already.',
  types: () => [RotateApiKeySuccess, InvalidInput, Conflict] as const,
});

@InputType('RevokeApiKeyInput', { description: 'An API key to be ended.' })
export class RevokeApiKeyInput {
  @Field(() => ID, { description: "The key's id; not the key itself." })
  readonly apiKeyId!: string;
}

@ObjectType('RevokeApiKeySuccess', {
  description: 'The key no longer works; running requests end as they would.',
})
export class RevokeApiKeySuccess {
  @Field(() => ApiKey, { description: 'The key, with the time of its end.' })
  readonly apiKey!: ApiKey;
}

export const RevokeApiKeyResult = createUnionType({
  name: 'RevokeApiKeyResult',
  description: 'What came of `revokeApiKey`. `Conflict`: it is the key of the request itself.',
  types: () => [RevokeApiKeySuccess, Conflict] as const,
});
