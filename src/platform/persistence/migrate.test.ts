import { randomBytes } from 'node:crypto';
import { createTestDatabase, createTestTenant, type TestDatabase } from '../../../test/support/test-database';
import { scramVerifier } from './application-role';
import { applicationUrlOf } from './connection-url';
import { Database } from './database';
import { migrate, MIGRATIONS, QUEUE_SCHEMA } from './migrate';
import { withOwner } from './owner-connection';

const databases: TestDatabase[] = [];
const roles: string[] = [];

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase({ migrated: false });
  databases.push(database);
  return database;
}

const query = (url: string, sql: string): Promise<Record<string, unknown>[]> =>
  withOwner(url, async (owner) => (await owner.query<Record<string, unknown>>(sql)).rows);

/** Makes a role for one test and returns the database's connection string for it. */
async function withRole(ownerUrl: string, attributes: string): Promise<string> {
  const name = `role_${randomBytes(4).toString('hex')}`;
  roles.push(name);
  await query(ownerUrl, `CREATE ROLE ${name} LOGIN PASSWORD 'it''s §ecret' ${attributes}`);
  const url = new URL(ownerUrl);
  url.username = name;
  url.password = encodeURIComponent("it's §ecret");
  return url.toString();
}

afterAll(async () => {
  const [{ ownerUrl } = { ownerUrl: '' }] = databases;
  const rest = new URL(ownerUrl);
  rest.pathname = '/postgres';
  await Promise.all(databases.map((database) => database.drop()));
  for (const role of roles) await query(rest.toString(), `DROP ROLE IF EXISTS ${role}`);
});

describe('migrate', () => {
  it('brings an empty database up to date when many processes call it at once, and then changes nothing', async () => {
    const { ownerUrl } = await emptyDatabase();
    await Promise.all(Array.from({ length: 6 }, () => migrate(ownerUrl)));
    const applied = await query(ownerUrl, 'SELECT * FROM schema_migrations ORDER BY id');
    expect(applied.map(({ name }) => name)).toEqual(MIGRATIONS.map(({ name }) => name));
    await migrate(ownerUrl);
    expect(await query(ownerUrl, 'SELECT * FROM schema_migrations ORDER BY id')).toEqual(applied);
    const [queue] = await query(
      ownerUrl,
      `SELECT has_schema_privilege('propensity_app', '${QUEUE_SCHEMA}', 'CREATE') AS makes,
              has_table_privilege('propensity_app', '${QUEUE_SCHEMA}.job', 'INSERT, DELETE') AS works`,
    );
    expect(queue).toEqual({ makes: true, works: true });
  });

  it('needs no superuser: an owner of the database who may make roles is enough', async () => {
    const { ownerUrl: adminUrl } = await emptyDatabase();
    const ownerUrl = await withRole(adminUrl, 'CREATEROLE');
    const { username, pathname } = new URL(ownerUrl);
    await query(
      adminUrl,
      `ALTER DATABASE ${pathname.slice(1)} OWNER TO ${username}; GRANT ALL ON SCHEMA public TO ${username}`,
    );
    // The usual name belongs to the server's administrator here, so the operator names another.
    const applicationUrl = await withRole(adminUrl, '');
    await migrate({ ownerUrl, applicationUrl });
    const database = await Database.connect({ ownerUrl, applicationUrl, entities: [] });
    try {
      const tenant = await createTestTenant(database);
      expect(await database.inTenant(tenant.id, (scope) => scope.query('SELECT slug FROM tenants'))).toEqual([
        { slug: tenant.slug },
      ]);
      expect(await database.asPlatform((scope) => scope.query('SELECT slug FROM tenants'))).toEqual([]);
    } finally {
      await database.close();
    }
    const before = applicationUrlOf({ ownerUrl });
    await expect(migrate(ownerUrl)).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: expect.stringMatching(
        /^the application role "propensity_app" cannot be used, because .*set DATABASE_APP_URL/,
      ) as string,
    });
    expect(before).toContain('propensity_app');
  });

  it.each(['SUPERUSER', 'BYPASSRLS'])('refuses an application role that is %s', async (attribute) => {
    const { ownerUrl } = await emptyDatabase();
    const applicationUrl = await withRole(ownerUrl, attribute);
    await expect(migrate({ ownerUrl, applicationUrl })).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: expect.stringContaining('superuser or may bypass') as string,
    });
  });

  it('refuses an application role that owns tables', async () => {
    const { ownerUrl } = await emptyDatabase();
    const applicationUrl = await withRole(ownerUrl, '');
    await query(
      ownerUrl,
      `CREATE TABLE mine (v int); ALTER TABLE mine OWNER TO ${new URL(applicationUrl).username}`,
    );
    await expect(migrate({ ownerUrl, applicationUrl })).rejects.toMatchObject({
      message: expect.stringContaining('owns tables') as string,
    });
  });

  it('changes the password of a role that it made, and of no other', async () => {
    const { ownerUrl } = await emptyDatabase();
    const url = new URL(ownerUrl);
    url.username = `role_${randomBytes(4).toString('hex')}`;
    roles.push(url.username);
    for (const password of ['first', 'second']) {
      url.password = password;
      await migrate({ ownerUrl, applicationUrl: url.toString() });
      expect(await query(url.toString(), 'SELECT current_user AS name')).toEqual([{ name: url.username }]);
    }
    const foreign = await withRole(ownerUrl, '');
    const wrong = new URL(foreign);
    wrong.password = 'another';
    await expect(migrate({ ownerUrl, applicationUrl: wrong.toString() })).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: expect.stringContaining('was not made by this owner') as string,
    });
    await migrate({ ownerUrl, applicationUrl: foreign });
  });
});

describe('a DATABASE_URL that does not do', () => {
  it.each([
    [
      'nobody listens',
      'postgres://a:b@127.0.0.1:1/c',
      'UNAVAILABLE',
      /^the database at 127\.0\.0\.1:1\/c does not answer \(ECONNREFUSED\)/,
    ],
    [
      'the host is unknown',
      'postgres://a:b@nowhere.invalid/c',
      'UNAVAILABLE',
      /^the database at nowhere\.invalid:5432\/c does not answer/,
    ],
    ['it has no password', 'postgres://a@127.0.0.1:1/c', 'INVALID_CONFIGURATION', /set DATABASE_APP_URL/],
  ])('is explained in one line when %s', async (_, url, code, message) => {
    const error: unknown = await migrate(url).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
    expect((error as Error).message).not.toContain('\n');
  });

  it('is explained when the server refuses the password or has no such database', async () => {
    const { ownerUrl } = await emptyDatabase();
    const wrong = new URL(ownerUrl);
    wrong.password = 'wrong';
    await expect(migrate(wrong.toString())).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: expect.stringMatching(/refuses the user or the password .*correct DATABASE_URL$/) as string,
    });
    const absent = new URL(ownerUrl);
    absent.pathname = '/absent';
    await expect(migrate(absent.toString())).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: expect.stringMatching(/does not exist .*create it or correct DATABASE_URL$/) as string,
    });
    await expect(Database.connect({ ownerUrl: absent.toString(), entities: [] })).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
    });
  });
});

describe('the application role’s address', () => {
  it('follows from the owner’s, without its options', () => {
    const ownerUrl = 'postgres://o:s%40crt@h:5433/db?options=-csearch_path%3Dx&sslmode=require';
    const url = new URL(applicationUrlOf({ ownerUrl }));
    expect(url).toMatchObject({
      username: 'propensity_app',
      host: 'h:5433',
      pathname: '/db',
      search: '?sslmode=require',
    });
    expect(url.password).toHaveLength(43);
    expect(applicationUrlOf({ ownerUrl })).toBe(url.toString());
    expect(new URL(applicationUrlOf({ ownerUrl: 'postgres://o:other@h/db' })).password).not.toBe(
      url.password,
    );
    expect(applicationUrlOf({ ownerUrl, applicationUrl: 'postgres://app:p@h/db' })).toBe(
      'postgres://app:p@h/db',
    );
  });

  it('goes to the server as a SCRAM verifier', () => {
    // RFC 7677, section 3: user "user", password "pencil".
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
    expect(scramVerifier('pencil', salt)).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });
});
