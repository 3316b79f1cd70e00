import { AppError, type Issue } from '../../errors';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { DEFAULT_DAYS, MOST_DAYS, REMOVALS, RETENTION_KINDS, type RetentionKind } from './retention-kinds';

/** One removal, of one transaction. */
export interface RetentionRemoval {
  readonly at: Date;
  readonly count: number;
  readonly bytes: number;
}

/** For how long things of a kind are kept, and what follows from it. */
export interface RetentionPeriod {
  readonly kind: RetentionKind;
  /** Null: for ever. */
  readonly days: number | null;
  /** Whether the tenant set it. */
  readonly isSet: boolean;
  /** Since when the oldest is kept; null when there is none that can go. */
  readonly oldestAt: Date | null;
  /** When the oldest goes, give or take an hour; null: never. */
  readonly nextRemovalAt: Date | null;
  /** The latest removals, the last first. */
  readonly removals: readonly RetentionRemoval[];
}

export interface PeriodInput {
  readonly kind: RetentionKind;
  /** Null: as if it had never been set. */
  readonly days?: number | null | undefined;
}

/** How many removals of a kind are told; the audit log has all. */
const REMOVALS_TOLD = 10;
const DAY_MS = 86_400_000;

/** What the periods of a tenant are. */
export class RetentionService {
  constructor(private readonly database: Database) {}

  /** Of every kind. */
  async get(ctx: TenantContext): Promise<RetentionPeriod[]> {
    return this.database.inTenant(ctx.actor.tenantId, periods);
  }

  /**
   * Sets the periods that are given; the others stay. The workers follow within the hour.
   * @throws AppError BAD_USER_INPUT
   */
  async set(ctx: TenantContext, input: readonly PeriodInput[]): Promise<RetentionPeriod[]> {
    check(input);
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const before = await daysOf(scope);
      for (const { kind, days } of input) await write(scope, kind, days ?? null);
      const after = await daysOf(scope);
      const changed = ({ days }: DaysByKind) =>
        Object.fromEntries(input.map(({ kind }) => [kind, days[kind]] as const));
      recordChange(scope, ctx, {
        action: 'RETENTION_SET',
        objectId: scope.tenantId,
        before: changed(before),
        after: changed(after),
      });
      return periods(scope);
    });
  }
}

interface DaysByKind {
  readonly days: Readonly<Record<RetentionKind, number | null>>;
  readonly set: ReadonlySet<string>;
}

/** The periods in force, of every kind. */
export async function daysOf(scope: TenantScope): Promise<DaysByKind> {
  const rows = await scope.query<{ kind: string; days: number }>(
    'SELECT kind, days FROM retention_periods WHERE tenant_id = $1',
    [scope.tenantId],
  );
  const set = new Map(rows.map(({ kind, days }) => [kind, days]));
  return {
    days: Object.fromEntries(
      RETENTION_KINDS.map((kind) => [kind, set.get(kind) ?? DEFAULT_DAYS[kind]]),
    ) as Record<RetentionKind, number | null>,
    set: new Set(set.keys()),
  };
}

async function write(scope: TenantScope, kind: RetentionKind, days: number | null): Promise<void> {
  if (days === null)
    await scope.query('DELETE FROM retention_periods WHERE tenant_id = $1 AND kind = $2', [
      scope.tenantId,
      kind,
    ]);
  else
    await scope.query(
      `INSERT INTO retention_periods (tenant_id, kind, days) VALUES ($1, $2, $3)
       ON CONFLICT (tenant_id, kind) DO UPDATE SET days = excluded.days, set_at = now()`,
      [scope.tenantId, kind, days],
    );
  // Exports say themselves when they go.
  if (kind === 'EXPORTS')
    await scope.query(
      `UPDATE subject_requests SET expires_at = finished_at + make_interval(days => $2::integer)
        WHERE tenant_id = $1 AND expires_at IS NOT NULL`,
      [scope.tenantId, days ?? DEFAULT_DAYS.EXPORTS],
    );
}

async function periods(scope: TenantScope): Promise<RetentionPeriod[]> {
  const { days, set } = await daysOf(scope);
  const told: RetentionPeriod[] = [];
  for (const kind of RETENTION_KINDS) {
    const [oldest] = await scope.query<{ at: Date | null }>(REMOVALS[kind].oldest, [scope.tenantId]);
    const oldestAt = oldest?.at ?? null;
    const period = days[kind];
    told.push({
      kind,
      days: period,
      isSet: set.has(kind),
      oldestAt,
      nextRemovalAt:
        oldestAt === null || period === null ? null : new Date(oldestAt.getTime() + period * DAY_MS),
      removals: await scope.query<RetentionRemoval>(
        `SELECT at, (after ->> 'count')::bigint AS count, (after ->> 'bytes')::bigint AS bytes FROM audit_entries
          WHERE tenant_id = $1 AND action = 'RETENTION_ENFORCED' AND after ->> 'kind' = $2
          ORDER BY sequence DESC LIMIT ${REMOVALS_TOLD}`,
        [scope.tenantId, kind],
      ),
    });
  }
  return told;
}

function check(input: readonly PeriodInput[]): void {
  const issues: Issue[] = [];
  if (input.length === 0) issues.push({ path: 'periods', message: 'must not be empty' });
  const seen = new Set<string>();
  for (const [index, { kind, days }] of input.entries()) {
    if (seen.has(kind)) issues.push({ path: `periods.${index}.kind`, message: `${kind} stands there twice` });
    seen.add(kind);
    if (days != null && !(Number.isInteger(days) && days >= 1 && days <= MOST_DAYS))
      issues.push({ path: `periods.${index}.days`, message: `must be from 1 to ${MOST_DAYS}` });
  }
  const [first] = issues;
  if (first) throw new AppError('BAD_USER_INPUT', `The field "${first.path}" ${first.message}.`, issues);
}
