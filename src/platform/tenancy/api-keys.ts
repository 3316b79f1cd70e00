import { randomUUID } from 'node:crypto';
import { AppError } from '../../errors';
import { type Database } from '../persistence/database';
import { type Page, type PageRequest } from '../persistence/keyset';
import { type TenantScope } from '../persistence/tenant-scope';
import { generateKey, hashKey, prefixOf } from './api-key';
import { ApiKey } from './api-key.entity';
import { type Role } from './role';

export type TenantRole = Exclude<Role, 'PLATFORM_ADMIN'>;

export interface NewApiKey {
  /** What it is for, 1 to 200 characters. */
  readonly name: string;
  readonly role: TenantRole;
  /** Null or absent: until it is revoked. */
  readonly expiresAt?: Date | null;
}

export interface CreatedApiKey {
  readonly id: string;
  /** Shown this once: only its hash is stored. */
  readonly key: string;
}

/**
 * Makes a credential for the scope's tenant.
 * @throws AppError BAD_USER_INPUT for a name or expiry that cannot be, NOT_FOUND when there is no such tenant
 */
export async function createApiKey(scope: TenantScope, options: NewApiKey): Promise<CreatedApiKey> {
  const { tenantId } = scope;
  const { role, expiresAt = null } = options;
  const name = options.name.trim();
  if (name.length < 1 || name.length > 200) throw badInput('name', 'must have 1 to 200 characters');
  if (expiresAt !== null && !(expiresAt.getTime() > Date.now()))
    throw badInput('expiresAt', 'must be in the future');
  const id = randomUUID();
  const key = generateKey();
  const rows = await scope.query('SELECT id FROM tenants WHERE id = $1', [tenantId]);
  if (rows.length === 0) throw new AppError('NOT_FOUND', `no tenant has the id "${tenantId}"`);
  // Not through the repository: the application may write the hash, it may never read it.
  await scope.query(
    `INSERT INTO api_keys (id, tenant_id, name, role, prefix, hash, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [id, tenantId, name, role, prefixOf(key), hashKey(key), expiresAt],
  );
  return { id, key };
}

/** A tenant's keys, revoked ones included, newest first. */
export async function listApiKeys(
  database: Database,
  tenantId: string,
  page: PageRequest,
): Promise<Page<ApiKey>> {
  return database.inTenant(tenantId, (scope) =>
    scope.repository(ApiKey).page(page, { orderBy: 'createdAt' }),
  );
}

/**
 * Ends a key; ending it again changes nothing. In every process it is refused within two seconds.
 * @returns the key, and whether it was in force until now
 * @throws AppError NOT_FOUND when the tenant has no such key
 */
export async function revokeApiKey(
  scope: TenantScope,
  id: string,
): Promise<{ apiKey: ApiKey; ended: boolean }> {
  const keys = scope.repository(ApiKey);
  const apiKey = await keys.getForUpdate(id);
  if (apiKey.revokedAt !== null) return { apiKey, ended: false };
  await keys.update({ id }, { revokedAt: new Date() });
  return { apiKey: await keys.getOrThrow(id), ended: true };
}

function badInput(field: string, problem: string): AppError {
  return new AppError('BAD_USER_INPUT', `"${field}" ${problem}`, [{ path: field, message: problem }]);
}
