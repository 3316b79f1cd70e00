import { AppError } from '../../errors';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { ApiKey } from '../../platform/tenancy/api-key.entity';
import { createApiKey, listApiKeys, revokeApiKey, type TenantRole } from '../../platform/tenancy/api-keys';
import {
  type RequestContext,
  requireTenant,
  type TenantContext,
} from '../../platform/tenancy/request-context';
import { createTenant, getTenant, listTenants, type Tenant } from '../../platform/tenancy/tenants';
import { checkName } from '../name-input';

export interface KeyRequest {
  /** The tenant that a platform administrator makes the key for; a tenant's own keys leave it out. */
  readonly tenantId?: string | null | undefined;
  readonly name: string;
  readonly role: TenantRole;
  /** Null: until it is revoked. */
  readonly expiresAt?: Date | null | undefined;
}

/** A key as it is made: the only moment at which `key` itself is known. */
export interface NewKey {
  readonly key: string;
  readonly apiKey: ApiKey;
}

/** Tenants and their API keys. */
export class TenantsService {
  constructor(private readonly database: Database) {}

  /**
   * Makes a tenant and its first TENANT_ADMIN key.
   * @throws AppError BAD_USER_INPUT; CONFLICT when the slug is taken
   */
  async create(
    ctx: RequestContext,
    input: { slug: string; name: string },
  ): Promise<NewKey & { tenant: Tenant }> {
    const name = checkName(input.name, 'name');
    const tenant = await createTenant(this.database, { slug: input.slug, name });
    const key = await this.createKey(ctx, { tenantId: tenant.id, name: 'First key', role: 'TENANT_ADMIN' });
    return { tenant, ...key };
  }

  /** @throws AppError NOT_FOUND */
  async get(ctx: TenantContext): Promise<Tenant> {
    return getTenant(this.database, ctx.actor.tenantId);
  }

  /** All tenants, newest first. */
  async list(_ctx: RequestContext, page: PageRequest): Promise<Page<Tenant>> {
    return listTenants(this.database, page);
  }

  /**
   * Makes an API key: a tenant's administrator for the tenant, a platform administrator for the tenant named.
   * @throws AppError BAD_USER_INPUT; NOT_FOUND when there is no such tenant
   */
  async createKey(ctx: RequestContext, { tenantId, name, role, expiresAt }: KeyRequest): Promise<NewKey> {
    const owner = tenantOf(ctx, tenantId ?? null);
    const { id, key } = await createApiKey(this.database, {
      tenantId: owner,
      name: checkName(name, 'name'),
      role,
      expiresAt: expiresAt ?? null,
    });
    const apiKey = await this.database.inTenant(owner, (scope) => scope.repository(ApiKey).getOrThrow(id));
    return { key, apiKey };
  }

  /** The tenant's keys, revoked ones included, newest first. */
  async keys(ctx: TenantContext, page: PageRequest): Promise<Page<ApiKey>> {
    return listApiKeys(this.database, ctx.actor.tenantId, page);
  }

  /** Ends a key; ending it again changes nothing. @throws AppError NOT_FOUND; CONFLICT for the key in use */
  async revokeKey(ctx: TenantContext, id: string): Promise<ApiKey> {
    if (id === ctx.actor.id) {
      throw new AppError(
        'CONFLICT',
        'This is the key that the request was made with: revoke it with another one.',
      );
    }
    return revokeApiKey(this.database, ctx.actor.tenantId, id);
  }
}

function tenantOf(ctx: RequestContext, tenantId: string | null): string {
  if (ctx.actor.role !== 'PLATFORM_ADMIN') {
    const own = requireTenant(ctx).actor.tenantId;
    if (tenantId === null || tenantId === own) return own;
    throw new AppError('NOT_FOUND', `no tenant has the id "${tenantId}"`);
  }
  if (tenantId !== null) return tenantId;
  const message = 'a platform administrator names the tenant that the key is for';
  throw new AppError('BAD_USER_INPUT', `The argument "input.tenantId" is missing: ${message}.`, [
    { path: 'tenantId', message },
  ]);
}
