import { createHash, randomUUID } from 'node:crypto';
import { type TenantScope } from '../persistence/tenant-scope';
import { type Actor, type RequestContext } from '../tenancy/request-context';
import { type Role } from '../tenancy/role';
import { AUDIT_ACTIONS, type AuditAction } from './actions';

/** What is longer is kept as its size and digest: the log is a record of changes, not a copy of the data. */
const MAX_SIDE_BYTES = 64 * 1024;
const MAX_USER_AGENT = 256;
const KEY = /(pk|inv)_[A-Za-z0-9_-]{43}/g;

/** Who changes something: a key, a member, or the platform itself, which no request asks. */
export interface ChangeAuthor extends Omit<RequestContext, 'actor'> {
  readonly actor: Pick<Actor, 'id' | 'kind'> & { readonly role: Role | 'SYSTEM' };
}

/** Before the id of an actor that is a member: an entry says by itself, and under its hash, who that was. */
export const MEMBER_ACTOR = 'member:';

/** @param requestId under which it is found in the logs */
export function bySystem(requestId: string): ChangeAuthor {
  return { requestId, actor: { id: 'system', role: 'SYSTEM' } };
}

export interface Change {
  readonly action: AuditAction;
  readonly objectId: string;
  /** What the object was like as far as it changed; null when there was none. Never personal data, never a secret. */
  readonly before: object | null;
  /** What it is like now. */
  readonly after: object | null;
}

/**
 * Writes a change into the tenant's audit log as the last thing of its transaction: both are committed or neither.
 * Only then is the tenant's chain locked, so that changes wait for each other no longer than a commit takes, and never
 * in a circle.
 */
export function recordChange(
  scope: TenantScope,
  { actor, requestId, origin }: ChangeAuthor,
  { action, objectId, before, after }: Change,
): void {
  scope.beforeCommit(async () => {
    await scope.query(
      `INSERT INTO audit_entries
         (tenant_id, id, actor_id, actor_role, action, object_kind, object_id, request_id, ip, user_agent, before, after)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        scope.tenantId,
        randomUUID(),
        actor.kind === 'MEMBER' ? `${MEMBER_ACTOR}${actor.id}` : actor.id,
        actor.role,
        action,
        AUDIT_ACTIONS[action].object,
        objectId,
        requestId,
        origin?.ip ?? null,
        userAgentOf(origin?.userAgent ?? null),
        side(before),
        side(after),
      ],
    );
  });
}

function userAgentOf(text: string | null): string | null {
  return text === null ? null : withoutKeys(text.replace(/\p{Cc}/gu, ' ')).slice(0, MAX_USER_AGENT);
}

function side(value: object | null): string | null {
  if (value === null) return null;
  const text = withoutKeys(JSON.stringify(value));
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_SIDE_BYTES) return text;
  return JSON.stringify({ bytes, sha256: createHash('sha256').update(text).digest('hex') });
}

/** Somebody may have pasted a key where a name belongs. */
function withoutKeys(text: string): string {
  return text.replace(KEY, '$1_…');
}
