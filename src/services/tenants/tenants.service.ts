import { AppError } from '../../errors';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { ApiKey } from '../../platform/tenancy/api-key.entity';
import {
  createApiKey,
  listApiKeys,
  type NewApiKey,
  revokeApiKey,
  rotateApiKey,
  type Rotation,
  type TenantRole,
} from '../../platform/tenancy/api-keys';
import {
  type RequestContext,
  requireTenant,
  type TenantContext,
} from '../../platform/tenancy/request-context';
import {
  createTenant,
  getTenant,
  listTenants,
  setTrainingShare,
  type Tenant,
  type TrainingShare,
} from '../../platform/tenancy/tenants';
import { checkName } from '../name-input';

export interface KeyRequest {
  /** The tenant that a platform administrator makes the key for; a tenant's own keys leave it out. */
  readonly tenantId?: string | null | undefined;
  readonly name: string;
  readonly role: TenantRole;
  /** The only operations that it may call; null: all that its role may. */
  readonly operations?: readonly string[] | null | undefined;
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
    const made: NewKey[] = [];
    const tenant = await createTenant(
      this.database,
      { slug: input.slug, name },
      async (scope, { id, slug }) => {
        recordChange(scope, ctx, {
          action: 'TENANT_CREATED',
          objectId: id,
          before: null,
          after: { slug, name },
        });
        made.push(await makeKey(ctx, scope, { name: 'First key', role: 'TENANT_ADMIN' }));
      },
    );
    const [first] = made;
    if (!first) throw new Error('a tenant was made without a key');
    return { tenant, ...first };
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
   * Sets how a tenant shares the training workers with the others.
   * @throws AppError BAD_USER_INPUT; NOT_FOUND when there is no such tenant
   */
  async setTrainingShare(ctx: RequestContext, tenantId: string, share: TrainingShare): Promise<Tenant> {
    return this.database.inTenant(tenantId, async (scope) => {
      const { before, after } = await setTrainingShare(scope, share);
      recordChange(scope, ctx, {
        action: 'TRAINING_SHARE_SET',
        objectId: tenantId,
        before: shareOf(before),
        after: shareOf(after),
      });
      return after;
    });
  }

  /**
   * Makes an API key: a tenant's administrator for the tenant, a platform administrator for the tenant named.
   * @throws AppError BAD_USER_INPUT; FORBIDDEN for operations that the key in use may not call itself; NOT_FOUND when there is no such tenant
   */
  async createKey(
    ctx: RequestContext,
    { tenantId, name, role, operations, expiresAt }: KeyRequest,
  ): Promise<NewKey> {
    const owner = tenantOf(ctx, tenantId ?? null);
    const options = {
      name: checkName(name, 'name'),
      role,
      operations: operations ?? null,
      expiresAt: expiresAt ?? null,
    };
    requireNoLess(ctx, options.operations);
    return this.database.inTenant(owner, (scope) => makeKey(ctx, scope, options));
  }

  /** The tenant's keys, revoked ones included, newest first. */
  async keys(ctx: TenantContext, page: PageRequest): Promise<Page<ApiKey>> {
    return listApiKeys(this.database, ctx.actor.tenantId, page);
  }

  /**
   * Makes a key in the place of another, which works on for the overlap.
   * @throws AppError NOT_FOUND; BAD_USER_INPUT; FORBIDDEN for operations that the key in use may not call itself;
   * CONFLICT when the old one has ended or been replaced already
   */
  async rotateKey(
    ctx: TenantContext,
    id: string,
    rotation: Rotation,
  ): Promise<NewKey & { previous: ApiKey }> {
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const { id: newId, key, before, after } = await rotateApiKey(scope, id, rotation);
      requireNoLess(ctx, before.operations);
      recordChange(scope, ctx, {
        action: 'API_KEY_ROTATED',
        objectId: id,
        before: { expiresAt: before.expiresAt, replacedBy: null },
        after: { expiresAt: after.expiresAt, replacedBy: newId },
      });
      const apiKey = await scope.repository(ApiKey).getOrThrow(newId);
      recordCreation(scope, ctx, apiKey);
      return { key, apiKey, previous: after };
    });
  }

  /** Ends a key; ending it again changes nothing. @throws AppError NOT_FOUND; CONFLICT for the key in use */
  async revokeKey(ctx: TenantContext, id: string): Promise<ApiKey> {
    if (id === ctx.actor.id) {
      throw new AppError(
        'CONFLICT',
        'This is the key that the request was made with: revoke it with another one.',
      );
    }
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const { apiKey, ended } = await revokeApiKey(scope, id);
      if (ended)
        recordChange(scope, ctx, {
          action: 'API_KEY_REVOKED',
          objectId: id,
          before: { revokedAt: null },
          after: { revokedAt: apiKey.revokedAt },
        });
      return apiKey;
    });
  }
}

function shareOf({ trainingWeight, maxRunningTrainings }: Tenant): TrainingShare {
  return { trainingWeight, maxRunningTrainings };
}

async function makeKey(ctx: RequestContext, scope: TenantScope, options: NewApiKey): Promise<NewKey> {
  const { id, key } = await createApiKey(scope, options);
  const apiKey = await scope.repository(ApiKey).getOrThrow(id);
  recordCreation(scope, ctx, apiKey);
  return { key, apiKey };
}

function recordCreation(scope: TenantScope, ctx: RequestContext, apiKey: ApiKey): void {
  const { id, name, role, operations, prefix, expiresAt } = apiKey;
  recordChange(scope, ctx, {
    action: 'API_KEY_CREATED',
    objectId: id,
    before: null,
    after: { name, role, operations, prefix, expiresAt },
  });
}

/** Nobody gets around the restrictions of a key by making another. */
function requireNoLess({ actor }: RequestContext, operations: readonly string[] | null): void {
  const own = actor.operations;
  if (!own || operations?.every((operation) => own.includes(operation)) === true) return;
  throw new AppError(
    'FORBIDDEN',
    `The key that was used may only give what it may do itself: name operations among ${own.join(', ')}.`,
  );
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
