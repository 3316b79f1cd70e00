import { randomUUID } from 'node:crypto';
import { AppError } from '../../errors';
import { type Database } from '../persistence/database';
import { isUniqueViolation } from '../persistence/database-errors';
import { type TenantScope } from '../persistence/tenant-scope';
import {
  checkPageSize,
  decodeCursor,
  type Page,
  type PageRequest,
  toPage,
  unknownCursor,
} from '../persistence/keyset';

/** A customer of the platform; sees itself and nothing of the others. */
export interface Tenant {
  readonly id: string;
  /** Lower-case letters, digits and dashes, 2 to 63 characters; unique. */
  readonly slug: string;
  readonly name: string;
  readonly createdAt: Date;
  /** Its part of the training workers beside the others, 1 to 1000. */
  readonly trainingWeight: number;
  /** Runs that may be executed at a time; null: as many as there are workers for. */
  readonly maxRunningTrainings: number | null;
}

export type TrainingShare = Pick<Tenant, 'trainingWeight' | 'maxRunningTrainings'>;

const SLUG = /^[a-z0-9][a-z0-9-]{1,62}$/;
const COLUMNS =
  'id, slug, name, created_at AS "createdAt", training_weight AS "trainingWeight", max_running_trainings AS "maxRunningTrainings"';

/**
 * Makes a tenant. For platform administrators.
 *
 * @param also what is made with it, in the same transaction
 * @throws AppError BAD_USER_INPUT for a slug or name that cannot be, CONFLICT when the slug is taken
 */
export async function createTenant(
  database: Database,
  { slug, name }: { slug: string; name: string },
  also?: (scope: TenantScope, tenant: Tenant) => Promise<void>,
): Promise<Tenant> {
  const issues = [
    ...(SLUG.test(slug)
      ? []
      : [
          {
            path: 'slug',
            message: 'must be 2 to 63 lower-case letters, digits and dashes, not starting with a dash',
          },
        ]),
    ...(name.trim().length >= 1 && name.trim().length <= 200
      ? []
      : [{ path: 'name', message: 'must have 1 to 200 characters' }]),
  ];
  if (issues.length > 0) {
    throw new AppError(
      'BAD_USER_INPUT',
      issues.map((issue) => `"${issue.path}" ${issue.message}`).join('; '),
      issues,
    );
  }
  try {
    const id = randomUUID();
    return await database.inTenant(id, async (scope) => {
      const [tenant] = await scope.query<Tenant>(`SELECT ${COLUMNS} FROM create_tenant($1, $2, $3)`, [
        id,
        slug,
        name.trim(),
      ]);
      if (!tenant) throw new Error('create_tenant returned no row');
      await also?.(scope, tenant);
      return tenant;
    });
  } catch (error) {
    if (!isUniqueViolation(error, 'tenants_slug_key')) throw error;
    throw new AppError('CONFLICT', `the slug "${slug}" is taken: choose another`, [
      { path: 'slug', message: 'is taken' },
    ]);
  }
}

const SHARE_BOUNDS = { trainingWeight: [1, 1000], maxRunningTrainings: [0, 10_000] } as const;

/**
 * Sets how the scope's tenant shares the training workers with the others, from the next run on. For platform
 * administrators.
 *
 * @returns the tenant as it was and as it is
 * @throws AppError BAD_USER_INPUT for numbers out of bounds, NOT_FOUND when there is no such tenant
 */
export async function setTrainingShare(
  scope: TenantScope,
  share: TrainingShare,
): Promise<{ before: Tenant; after: Tenant }> {
  const issues = Object.entries(SHARE_BOUNDS).flatMap(([path, [least, most]]) => {
    const value = share[path as keyof TrainingShare];
    const fits = value === null || (Number.isInteger(value) && value >= least && value <= most);
    return fits ? [] : [{ path, message: `must be a whole number from ${least} to ${most}` }];
  });
  if (issues.length > 0) {
    const message = issues.map((issue) => `"${issue.path}" ${issue.message}`).join('; ');
    throw new AppError('BAD_USER_INPUT', message, issues);
  }
  const before = await readTenant(scope);
  const [after] = await scope.query<Tenant>(`SELECT ${COLUMNS} FROM set_training_share($1, $2, $3)`, [
    scope.tenantId,
    share.trainingWeight,
    share.maxRunningTrainings,
  ]);
  if (!after) throw new Error('set_training_share returned no row');
  return { before, after };
}

/** @throws AppError NOT_FOUND when there is none */
export async function getTenant(database: Database, id: string): Promise<Tenant> {
  return database.inTenant(id, readTenant);
}

async function readTenant(scope: TenantScope): Promise<Tenant> {
  const { tenantId } = scope;
  const [tenant] = await scope.query<Tenant>(`SELECT ${COLUMNS} FROM tenants WHERE id = $1`, [tenantId]);
  if (!tenant) throw new AppError('NOT_FOUND', `no tenant has the id "${tenantId}"`);
  return tenant;
}

/**
 * All tenants, newest first. For platform administrators.
 * @throws AppError BAD_USER_INPUT for a page size out of bounds or an unknown cursor
 */
export async function listTenants(database: Database, { first, after }: PageRequest): Promise<Page<Tenant>> {
  checkPageSize(first);
  const place = after == null ? null : decodeCursor(after);
  return database.asPlatform(async (scope) => {
    if (place !== null) {
      const [found] = await scope.query<{ exists: boolean }>('SELECT tenant_exists($1) AS exists', [place]);
      if (found?.exists !== true) throw unknownCursor();
    }
    return toPage(
      await scope.query<Tenant>(`SELECT ${COLUMNS} FROM list_tenants($1, $2)`, [place, first + 1]),
      first,
    );
  });
}
