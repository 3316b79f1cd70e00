import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { AppError, systemCodeOf } from '../../errors';
import { translateDatabaseError } from './database-errors';

const SCRAM_ITERATIONS = 4096;

/** Server codes of a role that somebody else has just made. */
const EXISTS_ALREADY = new Set(['42710', '23505']);
const WRONG_PASSWORD = '28P01';
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Sees to it that the application role exists, can log in, and has no more power than it should. Roles belong to the
 * whole server, where other installations may have theirs: one that we did not make keeps its password.
 *
 * @param owner a connection as the owner
 * @param applicationUrl the role's connection string, with its password
 * @returns the role's name
 * @throws AppError INVALID_CONFIGURATION when the owner may not make the role or the role does not do
 */
export async function ensureApplicationRole(owner: Client, applicationUrl: string): Promise<string> {
  const { username, password } = new URL(applicationUrl);
  const role = decodeURIComponent(username);
  const name = owner.escapeIdentifier(role);
  const verifier = owner.escapeLiteral(scramVerifier(decodeURIComponent(password)));
  const maker = await makerMark(owner);
  const mark = await owner.query<{ mark: string | null }>(
    "SELECT shobj_description(oid, 'pg_authid') AS mark FROM pg_roles WHERE rolname = $1",
    [role],
  );
  if (mark.rowCount === 0) {
    await change(
      owner,
      role,
      `CREATE ROLE ${name} LOGIN PASSWORD ${verifier}; COMMENT ON ROLE ${name} IS ${owner.escapeLiteral(maker)}`,
    );
  }
  if (await canLogIn(applicationUrl)) return role;
  if (mark.rows[0]?.mark !== maker)
    throw refused(role, 'it has another password and was not made by this owner');
  await change(owner, role, `ALTER ROLE ${name} PASSWORD ${verifier}`);
  if (await canLogIn(applicationUrl)) return role;
  throw refused(role, 'its password is refused');
}

/** What a role that we make says of its origin. */
async function makerMark(owner: Client): Promise<string> {
  const { rows } = await owner.query<{ name: string }>('SELECT current_user AS name');
  return `application role of Propensity, made by ${rows[0]?.name ?? ''}`;
}

/** Logs in as the role and checks what it could do. */
async function canLogIn(applicationUrl: string): Promise<boolean> {
  const client = new Client({ connectionString: applicationUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string; powerful: boolean; owns: boolean }>(
      `SELECT rolname AS name, rolsuper OR rolbypassrls AS powerful,
              EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relnamespace = 'public'::regnamespace) AS owns
         FROM pg_roles WHERE rolname = current_user`,
    );
    const [role] = rows;
    if (role?.powerful !== false)
      throw refused(role?.name ?? '', 'it is a superuser or may bypass row-level security');
    if (role.owns) throw refused(role.name, 'it owns tables, and owners are not held by their own policies');
    return true;
  } catch (error) {
    if (systemCodeOf(error) === WRONG_PASSWORD) return false;
    throw translateDatabaseError(error, applicationUrl);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function change(owner: Client, role: string, statement: string): Promise<void> {
  try {
    await owner.query(statement);
  } catch (error) {
    const code = systemCodeOf(error);
    // Roles belong to the whole server: the migration of another of its databases may have been quicker.
    if (EXISTS_ALREADY.has(code)) return;
    if (code === INSUFFICIENT_PRIVILEGE)
      throw refused(role, 'the role in DATABASE_URL may not make or change it');
    throw error;
  }
}

function refused(role: string, reason: string): AppError {
  return new AppError(
    'INVALID_CONFIGURATION',
    `the application role "${role}" cannot be used, because ${reason}: set DATABASE_APP_URL to a role that can log in and is NOSUPERUSER NOBYPASSRLS`,
  );
}

/**
 * What PostgreSQL stores for a password (SCRAM-SHA-256, RFC 5803). Sending this instead of the password keeps the
 * password out of the server's log.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, SCRAM_ITERATIONS, 32, 'sha256');
  const hmac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const serverKey = hmac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
