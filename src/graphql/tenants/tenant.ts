import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { type ApiKey as ApiKeyEntity } from '../../platform/tenancy/api-key.entity';
import { ROLES, type Role as RoleName } from '../../platform/tenancy/role';
import { type Tenant as TenantData } from '../../platform/tenancy/tenants';
import { connectionOf } from '../connections/connection';
import { enumOf } from '../enum-of';

const OPERATIONS =
  'The only operations that the key may call, of those that its role may; null: all of them. `viewer` always works.';

export const Role = enumOf(ROLES);

registerEnumType(Role, {
  name: 'Role',
  description: 'What an API key or a member may do. Every operation says which roles it takes.',
  valuesConfig: {
    PLATFORM_ADMIN: { description: 'Makes tenants and their keys; sees nothing of their data.' },
    TENANT_ADMIN: { description: 'Everything in its tenant.' },
    ANALYST: {
      description: "Reads the tenant's data, runs and models, starts and cancels training, and predicts.",
    },
    SERVICE: { description: 'Predicts, and reads what predicting needs: domains and model versions.' },
  },
});

@ObjectType('Tenant', {
  description: 'A customer of the platform: its data, models and keys are seen by nobody else.',
})
export class Tenant {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => String, {
    description: 'Its name in addresses: lower-case letters, digits and dashes; unique.',
  })
  readonly slug!: string;

  @Field(() => String, { description: 'Its name for people.' })
  readonly name!: string;

  @Field(() => Date, { description: 'When it was made.' })
  readonly createdAt!: Date;

  @Field(() => Int, {
    description:
      'Its part of the training workers while others wait too, 1 to 1000: a tenant of weight 2 gets twice the time of one of weight 1.',
  })
  readonly trainingWeight!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'How many of its runs may be executed at a time; null: as many as there are workers for.',
  })
  readonly maxRunningTrainings!: number | null;

  static from(tenant: TenantData): Tenant {
    const { id, slug, name, createdAt, trainingWeight, maxRunningTrainings } = tenant;
    return Object.assign(new Tenant(), {
      id,
      slug,
      name,
      createdAt,
      trainingWeight,
      maxRunningTrainings,
    });
  }
}

export const TenantConnection = connectionOf(Tenant, 'Tenant', 'tenants');

@ObjectType('ApiKey', {
  description: 'A credential of a tenant. The key itself is shown once, when it is made.',
})
export class ApiKey {
  @Field(() => ID, { description: 'Its id; not the key itself.' })
  readonly id!: string;

  @Field(() => String, { description: 'What it is for.' })
  readonly name!: string;

  @Field(() => Role, { description: 'What it may do.' })
  readonly role!: RoleName;

  @Field(() => [String], { nullable: true, description: OPERATIONS })
  readonly operations!: readonly string[] | null;

  @Field(() => String, { description: 'The first characters of the key, to tell keys apart.' })
  readonly prefix!: string;

  @Field(() => Date, { description: 'When it was made.' })
  readonly createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it stops working by itself; null: never.' })
  readonly expiresAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it was revoked; null: it was not.' })
  readonly revokedAt!: Date | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Id of the key that was made in its place; null: none was. It works until `expiresAt`.',
  })
  readonly replacedById!: string | null;

  @Field(() => Date, { nullable: true, description: 'When it was last used, to the minute; null: never.' })
  readonly lastUsedAt!: Date | null;

  static from(entity: ApiKeyEntity): ApiKey {
    return Object.assign(new ApiKey(), {
      id: entity.id,
      name: entity.name,
      role: entity.role,
      operations: entity.operations,
      prefix: entity.prefix,
      createdAt: entity.createdAt,
      expiresAt: entity.expiresAt,
      revokedAt: entity.revokedAt,
      replacedById: entity.replacedBy,
      lastUsedAt: entity.lastUsedAt,
    });
  }
}

export const ApiKeyConnection = connectionOf(ApiKey, 'ApiKey', 'API keys');

@ObjectType('IssuedApiKey', {
  description: 'An API key at the moment of its making, the only one at which the key itself is shown.',
})
export class IssuedApiKey extends ApiKey {
  @Field(() => String, { description: 'The key itself: keep it, it is never shown again.' })
  readonly key!: string;

  static issue(entity: ApiKeyEntity, key: string): IssuedApiKey {
    return Object.assign(new IssuedApiKey(), ApiKey.from(entity), { key });
  }
}

@ObjectType('Viewer', { description: 'Who asks: an API key, a member, or somebody who was invited.' })
export class Viewer {
  @Field(() => ID, { nullable: true, description: "The API key's id; null for a person." })
  readonly apiKeyId!: string | null;

  @Field(() => Role, { description: 'What the key or member may do; of an invitation, the role it gives.' })
  readonly role!: RoleName;

  @Field(() => [String], { nullable: true, description: OPERATIONS })
  readonly operations!: readonly string[] | null;

  @Field(() => Date, {
    nullable: true,
    description: 'When the token ends that was sent; null for an API key.',
  })
  readonly expiresAt!: Date | null;
}
