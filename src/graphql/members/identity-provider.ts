import { createUnionType, Field, ID, InputType, ObjectType } from 'type-graphql';
import { type Role as RoleName } from '../../platform/tenancy/role';
import {
  type IdentityProvider as ProviderEntity,
  type RoleMapping,
} from '../../services/members/identity-provider.entity';
import { Conflict, InvalidInput } from '../results/shared-errors';
import { Role } from '../tenants/tenant';

const AUDIENCES =
  'The client ids or API identifiers of which a token must name one in its claim `aud`, 1 to 20: those that the identity provider gave your applications.';
const ROLE_CLAIM =
  'The claim that gives roles, a text or a list of texts, such as `groups`; of a nested one the names with dots, such as `realm_access.roles`.';
const ROLES =
  "What the claim's values give: the first entry that a token has counts. Whoever has one becomes a member without an invitation, and has the role that the latest token gives.";
const EMAIL_DOMAINS =
  'Only people whose verified e-mail address is of one of these domains are let in; empty: everybody whom the rest lets in.';

@ObjectType('ClaimRole', { description: 'What a value of a claim gives.' })
export class ClaimRole {
  @Field(() => String, { description: 'The value, as the identity provider writes it.' })
  readonly value!: string;

  @Field(() => Role, { description: 'The role.' })
  readonly role!: RoleName;
}

@ObjectType('IdentityProvider', {
  description: 'An OpenID Connect issuer whose word your tenant takes for who somebody is.',
})
export class IdentityProvider {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => String, { description: 'What its tokens have in the claim `iss`, to the letter.' })
  readonly issuer!: string;

  @Field(() => [String], { description: AUDIENCES })
  readonly audiences!: readonly string[];

  @Field(() => String, { nullable: true, description: `${ROLE_CLAIM} Null: everybody is invited.` })
  readonly roleClaim!: string | null;

  @Field(() => [ClaimRole], { description: ROLES })
  readonly roles!: readonly RoleMapping[];

  @Field(() => [String], { description: EMAIL_DOMAINS })
  readonly emailDomains!: readonly string[];

  @Field(() => Date, { description: 'When it was trusted first.' })
  readonly createdAt!: Date;

  @Field(() => Date, { description: 'When it was last set.' })
  readonly updatedAt!: Date;

  static from(entity: ProviderEntity): IdentityProvider {
    const {
      id,
      issuer,
      audiences,
      roleClaim,
      roleMapping: roles,
      emailDomains,
      createdAt,
      updatedAt,
    } = entity;
    return Object.assign(new IdentityProvider(), {
      ...{ id, issuer, audiences, roleClaim, roles, emailDomains, createdAt, updatedAt },
    });
  }
}

@InputType('ClaimRoleInput', { description: 'What a value of a claim gives.' })
export class ClaimRoleInput {
  @Field(() => String, { description: 'The value, 1 to 500 characters, as the identity provider writes it.' })
  readonly value!: string;

  @Field(() => Role, { description: 'The role; every one but PLATFORM_ADMIN.' })
  readonly role!: RoleName;
}

@InputType('SetIdentityProviderInput', { description: 'Whose word is taken, and for what.' })
export class SetIdentityProviderInput {
  @Field(() => String, {
    description:
      'The issuer, an https URL on the public internet, exactly as its discovery document (`…/.well-known/openid-configuration`) names itself. One that is known is set anew.',
  })
  readonly issuer!: string;

  @Field(() => [String], { description: AUDIENCES })
  readonly audiences!: string[];

  @Field(() => String, { nullable: true, description: `${ROLE_CLAIM} Left out: everybody is invited.` })
  readonly roleClaim?: string | null;

  @Field(() => [ClaimRoleInput], {
    nullable: true,
    description: `${ROLES} At most 100; goes with \`roleClaim\`.`,
  })
  readonly roles?: ClaimRoleInput[] | null;

  @Field(() => [String], { nullable: true, description: EMAIL_DOMAINS })
  readonly emailDomains?: string[] | null;
}

@ObjectType('SetIdentityProviderSuccess', {
  description: 'The issuer answered as one, and its tokens are taken within two seconds.',
})
export class SetIdentityProviderSuccess {
  @Field(() => IdentityProvider, { description: 'The identity provider.' })
  readonly identityProvider!: IdentityProvider;
}

export const SetIdentityProviderResult = createUnionType({
  name: 'SetIdentityProviderResult',
  description:
    'What came of `setIdentityProvider`. `InvalidInput` also where the issuer does not answer as one, with the reason. `Conflict`: there are 10 already.',
  types: () => [SetIdentityProviderSuccess, InvalidInput, Conflict] as const,
});

@InputType('DeleteIdentityProviderInput', { description: 'Which identity provider.' })
export class DeleteIdentityProviderInput {
  @Field(() => ID, { description: 'Its id.' })
  readonly identityProviderId!: string;
}

@ObjectType('DeleteIdentityProviderSuccess', {
  description: 'Its tokens are not taken any more, within two seconds; its members stay listed.',
})
export class DeleteIdentityProviderSuccess {
  @Field(() => IdentityProvider, { description: 'As it was.' })
  readonly identityProvider!: IdentityProvider;
}

export const DeleteIdentityProviderResult = createUnionType({
  name: 'DeleteIdentityProviderResult',
  description: 'What came of `deleteIdentityProvider`. `Conflict`: it is the one that vouches for you.',
  types: () => [DeleteIdentityProviderSuccess, Conflict] as const,
});
