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
  /** The only operations that it may call, 1 to 100; null or absent: all that its role may. */
  readonly operations?: readonly string[] | null;
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
  const { role, operations = null, expiresAt = null } = options;
  const name = options.name.trim();
  if (name.length < 1 || name.length > 200) throw badInput('name', 'must have 1 to 200 characters');
  if (expiresAt !== null && !(expiresAt.getTime() > Date.now()))
    throw badInput('expiresAt', 'must be in the future');
  if (operations !== null && (operations.length < 1 || operations.length > 100))
    throw badInput('operations', 'must name 1 to 100 operations');
  const id = randomUUID();
  const key = generateKey();
  const rows = await scope.query('SELECT id FROM tenants WHERE id = $1', [tenantId]);
  if (rows.length === 0) throw new AppError('NOT_FOUND', `no tenant has the id "${tenantId}"`);
  // Not through the repository: the application may write the hash, it may never read it.
  await scope.query(
    `INSERT INTO api_keys (id, tenant_id, name, role, prefix, hash, expires_at, operations) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, tenantId, name, role, prefixOf(key), hashKey(key), expiresAt, operations],
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

/** Longest that a key and the one in its place both work: 30 days. */
export const MAX_OVERLAP_MINUTES = 43_200;

export interface Rotation {
  /** How long the old key still works, 0 to 43,200. */
  readonly overlapMinutes: number;
  /** Of the new key; absent: it lives as long as the old one was to, if that had an end. */
  readonly expiresAt?: Date | null | undefined;
}

/**
 * Makes a key in the place of another, with its name, role and operations. The old one works on for the overlap, unless it ends
 * before.
 * @returns the new key, and the old one as it was and as it is
 * @throws AppError NOT_FOUND; BAD_USER_INPUT; CONFLICT when the old one has ended or been replaced already
 */
export async function rotateApiKey(
  scope: TenantScope,
  id: string,
  { overlapMinutes, expiresAt }: Rotation,
): Promise<CreatedApiKey & { before: ApiKey; after: ApiKey }> {
  if (!(Number.isInteger(overlapMinutes) && overlapMinutes >= 0 && overlapMinutes <= MAX_OVERLAP_MINUTES))
    throw badInput('overlapMinutes', `must be an integer from 0 to ${MAX_OVERLAP_MINUTES}`);
  const keys = scope.repository(ApiKey);
  const before = await keys.getForUpdate(id);
  const now = Date.now();
  if (before.revokedAt !== null) throw new AppError('CONFLICT', 'The key was revoked: make a new one.');
  if (before.expiresAt !== null && before.expiresAt.getTime() <= now)
    throw new AppError('CONFLICT', 'The key has expired: make a new one.');
  if (before.replacedBy !== null)
    throw new AppError('CONFLICT', 'The key was replaced already: rotate the one in its place.');
  const life = before.expiresAt && before.expiresAt.getTime() - before.createdAt.getTime();
  const { name, role, operations } = before;
  if (role === 'PLATFORM_ADMIN') throw new Error('a tenant has a key of the platform');
  const made = await createApiKey(scope, {
    name,
    role,
    operations,
    expiresAt: expiresAt ?? (life === null ? null : new Date(now + life)),
  });
  const end = now + overlapMinutes * 60_000;
  await keys.update(
    { id },
    { replacedBy: made.id, expiresAt: new Date(Math.min(end, before.expiresAt?.getTime() ?? end)) },
  );
  return { ...made, before, after: await keys.getOrThrow(id) };
}

function badInput(field: string, problem: string): AppError {
  return new AppError('BAD_USER_INPUT', `"${field}" ${problem}`, [{ path: field, message: problem }]);
}
