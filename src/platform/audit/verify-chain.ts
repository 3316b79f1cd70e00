import { AppError } from '../../errors';
import { withOwner } from '../persistence/owner-connection';
import { entryHash, GENESIS, type HashedFields } from './chain';

const PAGE = 1_000;

/** The end of a chain: to be kept elsewhere, as proof that nothing before it was changed later. */
export interface ChainHead {
  readonly sequence: number;
  /** Hexadecimal. */
  readonly hash: string;
}

export interface ChainReport {
  readonly tenantId: string;
  /** The last entry that is as it was written. */
  readonly head: ChainHead;
  /** Where the chain breaks first; null when it is whole. */
  readonly broken: { readonly sequence: number; readonly problem: string } | null;
}

export interface VerifyOptions {
  /** One tenant; absent: all. */
  readonly tenantId?: string | undefined;
  /** An end that the chain once had. Only with `tenantId`. */
  readonly expected?: ChainHead | undefined;
}

interface Row extends HashedFields {
  readonly previous_hash: Buffer;
  readonly hash: Buffer;
}

type Query = <R>(sql: string, parameters?: unknown[]) => Promise<R[]>;

/**
 * Computes every digest of the audit logs again, as of one moment.
 * @param ownerUrl connection string of the role that owns the tables
 * @throws AppError INVALID_CONFIGURATION when the database has no audit log
 * @returns a report of each tenant that has, or should have, entries; of a tenant that was named, always
 */
export async function verifyChains(ownerUrl: string, options: VerifyOptions = {}): Promise<ChainReport[]> {
  return withOwner(ownerUrl, async (client) => {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const query: Query = async <R>(sql: string, parameters: unknown[] = []) =>
      (await client.query(sql, parameters)).rows as R[];
    const [log] = await query<{ exists: boolean }>("SELECT to_regclass('audit_heads') IS NOT NULL AS exists");
    if (log?.exists !== true)
      throw new AppError(
        'INVALID_CONFIGURATION',
        'this database has no audit log: set DATABASE_URL or PROPENSITY_DATA_DIRECTORY to that of a platform that was started',
      );
    const tenants =
      options.tenantId === undefined
        ? await query<{ id: string }>(
            `SELECT tenant_id AS id FROM audit_heads UNION SELECT tenant_id FROM audit_entries ORDER BY id`,
          )
        : [{ id: options.tenantId }];
    const reports: ChainReport[] = [];
    for (const { id } of tenants) reports.push(await verifyChain(query, id, options.expected));
    await client.query('COMMIT');
    return reports;
  });
}

async function verifyChain(query: Query, tenantId: string, expected?: ChainHead): Promise<ChainReport> {
  let hash: Buffer = GENESIS;
  let sequence = 0;
  const broken = (problem: string): ChainReport => ({
    tenantId,
    head: { sequence, hash: hash.toString('hex') },
    broken: { sequence: sequence + 1, problem },
  });
  for (;;) {
    const rows = await query<Row>(ENTRIES, [tenantId, sequence]);
    for (const row of rows) {
      if (Number(row.sequence) !== sequence + 1) return broken('it is missing');
      if (!row.previous_hash.equals(hash)) return broken('it does not follow the entry before');
      if (!row.hash.equals(entryHash(hash, row))) return broken('its content is not what was written');
      if (expected?.sequence === sequence + 1 && expected.hash !== row.hash.toString('hex'))
        return broken('it is not the entry whose hash was given');
      hash = row.hash;
      sequence += 1;
    }
    if (rows.length < PAGE) break;
  }
  const [head] = await query<{ sequence: string; hash: Buffer }>(
    'SELECT sequence, hash FROM audit_heads WHERE tenant_id = $1',
    [tenantId],
  );
  const last = Math.max(Number(head?.sequence ?? 0), expected?.sequence ?? 0);
  if (last > sequence) return broken('it is missing, and so is all that followed');
  if (sequence > 0 && !head?.hash.equals(hash)) return broken('the end of the chain is another');
  return { tenantId, head: { sequence, hash: hash.toString('hex') }, broken: null };
}

const ENTRIES = `
SELECT tenant_id::text, id::text, sequence::text,
       to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at,
       actor_id, actor_role, action, object_kind, object_id, request_id, ip, user_agent,
       before::text, after::text, previous_hash, hash
  FROM audit_entries e WHERE e.tenant_id = $1 AND e.sequence > $2 ORDER BY e.sequence LIMIT ${PAGE}`;
