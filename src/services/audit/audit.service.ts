import { Between, In, LessThan, MoreThanOrEqual } from 'typeorm';
import { AppError } from '../../errors';
import { AuditEntry } from '../../platform/audit/audit-entry.entity';
import { type AuditAction, type AuditObject } from '../../platform/audit/actions';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantContext } from '../../platform/tenancy/request-context';

/** Which entries: those that fit everything that is given. */
export interface AuditQuery {
  readonly actions?: readonly AuditAction[] | null | undefined;
  readonly objectKind?: AuditObject | null | undefined;
  readonly objectId?: string | null | undefined;
  readonly actorId?: string | null | undefined;
  readonly requestId?: string | null | undefined;
  /** The first moment that counts. */
  readonly from?: Date | null | undefined;
  /** The first that does not any more. */
  readonly until?: Date | null | undefined;
}

/** What was done in a tenant, for its administrators. */
export class AuditService {
  constructor(private readonly database: Database) {}

  /**
   * The tenant's entries, the latest first.
   * @throws AppError BAD_USER_INPUT for a page size out of bounds, an unknown cursor or a range that is none
   */
  async list(ctx: TenantContext, query: AuditQuery, page: PageRequest): Promise<Page<AuditEntry>> {
    const { actions, objectKind, objectId, actorId, requestId } = query;
    const where = {
      ...(actions && { action: In([...actions]) }),
      ...(objectKind && { objectKind }),
      ...(objectId != null && { objectId: storable(objectId) }),
      ...(actorId != null && { actorId: storable(actorId) }),
      ...(requestId != null && { requestId: storable(requestId) }),
      ...range(query),
    };
    return this.database.inTenant(ctx.actor.tenantId, (scope) =>
      scope.repository(AuditEntry).page(page, { where, orderBy: 'sequence' }),
    );
  }
}

function range({ from, until }: AuditQuery): object {
  if (!from) return until ? { at: LessThan(until) } : {};
  if (!until) return { at: MoreThanOrEqual(from) };
  if (from >= until)
    throw new AppError('BAD_USER_INPUT', 'The field "until" does not lie after "from".', [
      { path: 'filter.until', message: 'must lie after from' },
    ]);
  // Both ends count here; entries have whole milliseconds.
  return { at: Between(from, new Date(until.getTime() - 1)) };
}

/** PostgreSQL takes no NUL; nothing that is stored has one. */
function storable(text: string): string {
  return text.replaceAll('\0', '\u{FFFD}');
}
