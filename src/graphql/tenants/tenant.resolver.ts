import { type GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Authorized, Ctx, FieldResolver, Info, Mutation, Query, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { MembersService } from '../../services/members/members.service';
import { TenantsService } from '../../services/tenants/tenants.service';
import { ADMINS, ANYONE, PLATFORM_ADMINS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { checkOperationNames } from '../operation-names';
import { outcome } from '../results/outcome';
import { Conflict, InvalidInput } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import { Member } from '../members/member';
import { ApiKey, ApiKeyConnection, IssuedApiKey, Tenant, TenantConnection, Viewer } from './tenant';
import { tenantRole } from './tenant-role';
import {
  CreateApiKeyInput,
  CreateApiKeyResult,
  CreateApiKeySuccess,
  CreateTenantInput,
  CreateTenantResult,
  CreateTenantSuccess,
  RevokeApiKeyInput,
  RevokeApiKeyResult,
  RevokeApiKeySuccess,
  RotateApiKeyInput,
  RotateApiKeyResult,
  RotateApiKeySuccess,
  SetTrainingShareInput,
  SetTrainingShareResult,
  SetTrainingShareSuccess,
} from './tenant-results';

@Resolver(() => Viewer)
export class TenantResolver {
  constructor(
    private readonly service: TenantsService,
    private readonly people: MembersService,
  ) {}

  @Authorized<Role>(ANYONE)
  @Query(() => Viewer, { description: 'Who asks: the API key or the member. Roles: all.' })
  viewer(@Ctx() { actor }: GraphqlContext): Viewer {
    return Object.assign(new Viewer(), {
      apiKeyId: actor.kind === undefined ? actor.id : null,
      role: actor.role,
      operations: actor.operations ?? null,
      expiresAt: actor.expiresAt === undefined ? null : new Date(actor.expiresAt),
    });
  }

  @FieldResolver(() => Member, {
    nullable: true,
    description: 'The member that asks; null for an API key, and before an invitation is accepted.',
  })
  async member(@Ctx() ctx: GraphqlContext): Promise<Member | null> {
    if (ctx.actor.kind !== 'MEMBER') return null;
    return Member.from(await this.people.get(requireTenant(ctx), ctx.actor.id));
  }

  @FieldResolver(() => Tenant, {
    nullable: true,
    description: 'The tenant that the key or member belongs to, or that invites; null for a PLATFORM_ADMIN.',
  })
  async tenant(@Ctx() ctx: GraphqlContext): Promise<Tenant | null> {
    if (ctx.actor.tenantId === null) return null;
    return Tenant.from(await this.service.get(requireTenant(ctx)));
  }

  @Authorized<Role>(PLATFORM_ADMINS)
  @Query(() => TenantConnection, { description: 'All tenants, newest first. Roles: PLATFORM_ADMIN.' })
  async tenants(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<Tenant>> {
    return TenantConnection.from(await this.service.list(ctx, page), (tenant) => Tenant.from(tenant));
  }

  @Authorized<Role>(ADMINS)
  @Query(() => ApiKeyConnection, {
    description: 'The API keys of your tenant, revoked ones included, newest first. Roles: TENANT_ADMIN.',
  })
  async apiKeys(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<ApiKey>> {
    return ApiKeyConnection.from(await this.service.keys(requireTenant(ctx), page), (key) =>
      ApiKey.from(key),
    );
  }

  @Authorized<Role>(PLATFORM_ADMINS)
  @Mutation(() => CreateTenantResult, {
    complexity: COST.CHANGE,
    description: 'Makes a tenant and its first key. Roles: PLATFORM_ADMIN.',
  })
  async createTenant(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => CreateTenantInput, { description: 'The tenant.' }) input: CreateTenantInput,
  ): Promise<typeof CreateTenantResult> {
    return outcome([InvalidInput, Conflict], async () => {
      const { tenant, apiKey, key } = await this.service.create(ctx, input);
      return Object.assign(new CreateTenantSuccess(), {
        tenant: Tenant.from(tenant),
        apiKey: IssuedApiKey.issue(apiKey, key),
      });
    });
  }

  @Authorized<Role>(PLATFORM_ADMINS)
  @Mutation(() => SetTrainingShareResult, {
    complexity: COST.CHANGE,
    description:
      'Sets how a tenant shares the training workers with the others. Error `NOT_FOUND` when there is no such tenant. Roles: PLATFORM_ADMIN.',
  })
  async setTrainingShare(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => SetTrainingShareInput, { description: 'The share.' }) input: SetTrainingShareInput,
  ): Promise<typeof SetTrainingShareResult> {
    const tenantId = uuidArgument(input.tenantId, 'input.tenantId');
    return outcome([InvalidInput], async () => {
      const { trainingWeight, maxRunningTrainings = null } = input;
      const share = { trainingWeight, maxRunningTrainings };
      const tenant = Tenant.from(await this.service.setTrainingShare(ctx, tenantId, share));
      return Object.assign(new SetTrainingShareSuccess(), { tenant });
    });
  }

  @Authorized<Role>(['TENANT_ADMIN', 'PLATFORM_ADMIN'])
  @Mutation(() => CreateApiKeyResult, {
    complexity: COST.CHANGE,
    description:
      'Makes an API key for your tenant, or, as a PLATFORM_ADMIN, for the tenant named. Error `FORBIDDEN` for operations that the key in use may not call itself. Roles: TENANT_ADMIN, PLATFORM_ADMIN.',
  })
  async createApiKey(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => CreateApiKeyInput, { description: 'The key.' }) input: CreateApiKeyInput,
    @Info() { schema }: GraphQLResolveInfo,
  ): Promise<typeof CreateApiKeyResult> {
    const tenantId = input.tenantId == null ? null : uuidArgument(input.tenantId, 'input.tenantId');
    return outcome([InvalidInput], async () => {
      const role = tenantRole(input.role);
      const { name, operations, expiresAt } = input;
      if (operations) checkOperationNames(operations, schema, 'operations');
      const { apiKey, key } = await this.service.createKey(ctx, {
        tenantId,
        name,
        role,
        operations,
        expiresAt,
      });
      return Object.assign(new CreateApiKeySuccess(), { apiKey: IssuedApiKey.issue(apiKey, key) });
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => RotateApiKeyResult, {
    complexity: COST.CHANGE,
    description:
      'Makes an API key in the place of another, with its name, role and operations; both work until the old one ends, so that clients can change over one by one. Error `NOT_FOUND` when your tenant has no such key, `FORBIDDEN` when the key in use may not call what that one may. Roles: TENANT_ADMIN.',
  })
  async rotateApiKey(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => RotateApiKeyInput, { description: 'The key.' }) input: RotateApiKeyInput,
  ): Promise<typeof RotateApiKeyResult> {
    const keyId = uuidArgument(input.apiKeyId, 'input.apiKeyId');
    return outcome([InvalidInput, Conflict], async () => {
      const { apiKey, key, previous } = await this.service.rotateKey(requireTenant(ctx), keyId, input);
      return Object.assign(new RotateApiKeySuccess(), {
        apiKey: IssuedApiKey.issue(apiKey, key),
        previous: ApiKey.from(previous),
      });
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => RevokeApiKeyResult, {
    complexity: COST.CHANGE,
    description:
      'Ends an API key within two seconds; ending it again changes nothing. Error `NOT_FOUND` when your tenant has no such key. Roles: TENANT_ADMIN.',
  })
  async revokeApiKey(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => RevokeApiKeyInput, { description: 'The key.' }) input: RevokeApiKeyInput,
  ): Promise<typeof RevokeApiKeyResult> {
    const keyId = uuidArgument(input.apiKeyId, 'input.apiKeyId');
    return outcome([Conflict], async () => {
      const apiKey = ApiKey.from(await this.service.revokeKey(requireTenant(ctx), keyId));
      return Object.assign(new RevokeApiKeySuccess(), { apiKey });
    });
  }
}
