import { Arg, Authorized, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { IdentityProvidersService } from '../../services/members/identity-providers.service';
import { ADMINS } from '../authorization';
import { type GraphqlContext } from '../context';
import { about, COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { Conflict, InvalidInput } from '../results/shared-errors';
import { tenantRole } from '../tenants/tenant-role';
import { uuidArgument } from '../uuid-argument';
import {
  DeleteIdentityProviderInput,
  DeleteIdentityProviderResult,
  DeleteIdentityProviderSuccess,
  IdentityProvider,
  SetIdentityProviderInput,
  SetIdentityProviderResult,
  SetIdentityProviderSuccess,
} from './identity-provider';

@Resolver()
export class IdentityProviderResolver {
  constructor(private readonly service: IdentityProvidersService) {}

  @Authorized<Role>(ADMINS)
  @Query(() => [IdentityProvider], {
    complexity: about(10),
    description: 'Who vouches for the members of your tenant, oldest first, at most 10. Roles: TENANT_ADMIN.',
  })
  async identityProviders(@Ctx() ctx: GraphqlContext): Promise<IdentityProvider[]> {
    return (await this.service.list(requireTenant(ctx))).map((entity) => IdentityProvider.from(entity));
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => SetIdentityProviderResult, {
    complexity: COST.CHANGE,
    description:
      'Takes the tokens of an OpenID Connect issuer from now on, or takes them on other terms, once it has been found to answer as one. Error `FORBIDDEN` for a key that is restricted to some operations. Roles: TENANT_ADMIN.',
  })
  async setIdentityProvider(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => SetIdentityProviderInput, { description: 'Whose word, and for what.' })
    input: SetIdentityProviderInput,
  ): Promise<typeof SetIdentityProviderResult> {
    return outcome([InvalidInput, Conflict], async () => {
      const { issuer, audiences, roleClaim = null } = input;
      const provider = await this.service.set(requireTenant(ctx), {
        ...{ issuer, audiences, roleClaim },
        roleMapping: (input.roles ?? []).map(({ value, role }, i) => ({
          value,
          role: tenantRole(role, `roles.${i}.role`),
        })),
        emailDomains: input.emailDomains ?? [],
      });
      return Object.assign(new SetIdentityProviderSuccess(), {
        identityProvider: IdentityProvider.from(provider),
      });
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => DeleteIdentityProviderResult, {
    complexity: COST.CHANGE,
    description:
      'Takes the tokens of an issuer no longer. Error `NOT_FOUND` when your tenant has no such identity provider. Roles: TENANT_ADMIN.',
  })
  async deleteIdentityProvider(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => DeleteIdentityProviderInput, { description: 'Which.' })
    input: DeleteIdentityProviderInput,
  ): Promise<typeof DeleteIdentityProviderResult> {
    const id = uuidArgument(input.identityProviderId, 'input.identityProviderId');
    return outcome([Conflict], async () => {
      const provider = IdentityProvider.from(await this.service.delete(requireTenant(ctx), id));
      return Object.assign(new DeleteIdentityProviderSuccess(), { identityProvider: provider });
    });
  }
}
