import { type Database } from '../persistence/database';
import { hashKey, hasKeyForm } from './api-key';
import { type Actor } from './request-context';
import { type Role } from './role';

/** How long an answer is used again, and so how long a revoked key may still be accepted. */
const FRESH_MS = 2_000;
const MAX_CACHED_KEYS = 10_000;

interface Answer {
  readonly actor: Actor;
  readonly until: number;
}

const answers = new WeakMap<Database, Map<string, Answer>>();

/**
 * Whose key this is; null when it is unknown, expired or revoked. Accepted keys are remembered for two seconds, refused
 * ones never. The time of last use is kept to the minute, so that a busy key does not write at every request.
 */
export async function authenticate(database: Database, key: string): Promise<Actor | null> {
  if (!hasKeyForm(key)) return null;
  const hash = hashKey(key);
  const name = hash.toString('hex');
  const cache = cacheOf(database);
  const known = cache.get(name);
  if (known && known.until > Date.now()) return known.actor;
  cache.delete(name);
  const [row] = await database.asPlatform((scope) =>
    scope.query<{ id: string; tenant_id: string | null; role: Role; operations: string[] | null }>(
      'SELECT * FROM authenticate_api_key($1)',
      [hash],
    ),
  );
  if (!row) return null;
  const { id, role, tenant_id: tenantId, operations } = row;
  const actor: Actor = { id, role, tenantId, ...(operations && { operations }) };
  if (cache.size >= MAX_CACHED_KEYS) cache.clear();
  cache.set(name, { actor, until: Date.now() + FRESH_MS });
  return actor;
}

function cacheOf(database: Database): Map<string, Answer> {
  let cache = answers.get(database);
  if (!cache) {
    cache = new Map();
    answers.set(database, cache);
  }
  return cache;
}
