import { createHash } from 'node:crypto';

/** The fields of an entry as texts, in the order in which they are hashed. */
export const HASHED_FIELDS = [
  'tenant_id',
  'id',
  'sequence',
  'at',
  'actor_id',
  'actor_role',
  'action',
  'object_kind',
  'object_id',
  'request_id',
  'ip',
  'user_agent',
  'before',
  'after',
] as const;

/** `at` as `2025-03-20T20:11:45.000Z`, `before` and `after` as the JSON texts that are stored. */
export type HashedFields = Readonly<Record<(typeof HASHED_FIELDS)[number], string | null>>;

/** What the first entry follows. */
export const GENESIS = Buffer.alloc(32);

/**
 * An entry's digest: SHA-256 of the digest before and the entry's fields. Each field is written as the number of its
 * UTF-8 bytes, a colon and itself, or as a dash where there is none, and ends with a comma.
 */
export function entryHash(previous: Buffer, entry: HashedFields): Buffer {
  const content = HASHED_FIELDS.map((name) => {
    const field = entry[name];
    return field === null ? '-,' : `${Buffer.byteLength(field)}:${field},`;
  }).join('');
  return createHash('sha256').update(previous).update(content).digest();
}
