import { randomBytes } from 'node:crypto';
import { Database } from '../../src/platform/persistence/database';
import { withOwner } from '../../src/platform/persistence/owner-connection';
import { createApiKey, type TenantRole } from '../../src/platform/tenancy/api-keys';
import { createTenant, type Tenant } from '../../src/platform/tenancy/tenants';
import { testServer } from './test-server';

type Entities = readonly (new () => object)[];

/** A database of its own, migrated and empty. */
export interface TestDatabase {
  /** Connection string of the role that owns the tables. */
  readonly ownerUrl: string;
  /** Opens it as the application role; closed by `drop`. */
  connect(entities?: Entities, poolSize?: number): Promise<Database>;
  /** Closes what `connect` opened and removes the database, whoever is still connected. */
  drop(): Promise<void>;
}

/** Makes a database for one test file; call `drop` in `afterAll`. */
export async function createTestDatabase(
  options: { readonly migrated?: boolean } = {},
): Promise<TestDatabase> {
  const { ownerUrl: serverUrl, template } = await testServer();
  const name = `test_${randomBytes(6).toString('hex')}`;
  const source = options.migrated === false ? 'template1' : template;
  await withOwner(serverUrl, (owner) => createFrom(owner.query.bind(owner), name, source));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const ownerUrl = url.toString();
  const database = openTestDatabase(ownerUrl);
  return {
    ...database,
    drop: async () => {
      await database.drop();
      await withOwner(serverUrl, (owner) => owner.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** A database that is another's: `drop` closes what was opened here and leaves it. */
export function openTestDatabase(ownerUrl: string): TestDatabase {
  const applicationName = new URL(ownerUrl).pathname.slice(1);
  const opened: Database[] = [];
  return {
    ownerUrl,
    connect: async (entities = [], poolSize = 5) => {
      const database = await Database.connect({ ownerUrl, entities, poolSize, applicationName });
      opened.push(database);
      return database;
    },
    drop: async () => {
      await Promise.all(opened.map((database) => database.close()));
    },
  };
}

/** Copies a template; two copies at the same moment may disturb each other, so it is tried again. */
async function createFrom(
  query: (sql: string) => Promise<unknown>,
  name: string,
  template: string,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export interface TestTenant extends Tenant {
  readonly key: string;
  readonly keyId: string;
}

/** Makes a tenant with one API key. */
export async function createTestTenant(
  database: Database,
  role: TenantRole = 'TENANT_ADMIN',
): Promise<TestTenant> {
  const slug = `tenant-${randomBytes(4).toString('hex')}`;
  const tenant = await createTenant(database, { slug, name: slug });
  const { id, key } = await database.inTenant(tenant.id, (scope) =>
    createApiKey(scope, { name: 'test', role }),
  );
  return { ...tenant, key, keyId: id };
}
