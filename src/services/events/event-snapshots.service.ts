import { In } from 'typeorm';
import { AppError } from '../../errors';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type DomainsService } from '../domains/domains.service';
import { checkName } from '../name-input';
import { requireRoom } from '../quotas/require-room';
import { EventSnapshot } from './event-snapshot.entity';
import { eventSpecOf } from './event-spec';

/** Most snapshots of a tenant that have not ended. */
export const MAX_OPEN_SNAPSHOTS = 20;

export interface NewSnapshot {
  /** A discovered domain's kind, such as `ECOMMERCE_PURCHASE`. */
  readonly domain: string;
  /** The dataset's; one is made when it is absent. */
  readonly name?: string | null | undefined;
  readonly from?: Date | null | undefined;
  readonly until?: Date | null | undefined;
}

/** Datasets of stored events: asked for and watched. The workers make them. */
export class EventSnapshotsService {
  constructor(
    private readonly database: Database,
    private readonly domains: Pick<DomainsService, 'ensureCurrent'>,
  ) {}

  /**
   * Asks for a dataset of the events that are stored now. Once this has returned it is made, whatever process dies.
   *
   * @throws AppError BAD_USER_INPUT for an unknown domain, a name or a range that is none; INVALID_CONFIGURATION when the
   * domain is configured for tables; CONFLICT when nothing is stored, or too many snapshots have not ended; QUOTA_EXCEEDED when
   * nothing more may be stored
   */
  async request(ctx: TenantContext, { domain, name, from, until }: NewSnapshot): Promise<EventSnapshot> {
    const checked = checkName(name ?? `Events as of ${new Date().toISOString()}`, 'name');
    for (const [path, moment] of Object.entries({ from, until }))
      if (moment != null && !isStorable(moment))
        throw new AppError('BAD_USER_INPUT', `The field "${path}" lies beyond all events.`, [
          { path, message: 'must be a moment between the years 1900 and 9999' },
        ]);
    if (from && until && from >= until)
      throw new AppError('BAD_USER_INPUT', 'The field "until" does not lie after "from".', [
        { path: 'until', message: 'must lie after from' },
      ]);
    const configuration = await this.domains.ensureCurrent(ctx, domain);
    eventSpecOf(configuration);
    return this.inTenant(ctx, async (scope) => {
      const [store] = await scope.query<{ watermark: number }>(
        'SELECT last_sequence AS watermark FROM event_stores WHERE tenant_id = $1 AND domain = $2',
        [scope.tenantId, domain],
      );
      if (!store?.watermark)
        throw new AppError('CONFLICT', `No events of ${domain} are stored yet: send some with ingestEvents.`);
      const snapshots = scope.repository(EventSnapshot);
      const open = await snapshots.count({ state: In(['QUEUED', 'RUNNING']) });
      if (open >= MAX_OPEN_SNAPSHOTS)
        throw new AppError('CONFLICT', `${open} snapshots have not ended yet: wait for them.`);
      await requireRoom(scope, ctx, { STORED_ROWS: 1, STORED_BYTES: 1 });
      const snapshot = await snapshots.insert({
        kind: domain,
        name: checked,
        configurationId: configuration.id,
        fromAt: from ?? null,
        untilAt: until ?? null,
        watermark: store.watermark,
        state: 'QUEUED',
        requestedBy: ctx.actor.id,
      });
      recordChange(scope, ctx, {
        action: 'SNAPSHOT_REQUESTED',
        objectId: snapshot.id,
        before: null,
        after: {
          domain,
          name: checked,
          from: from ?? null,
          until: until ?? null,
          watermark: store.watermark,
        },
      });
      return snapshot;
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(ctx: TenantContext, id: string): Promise<EventSnapshot> {
    return this.inTenant(ctx, (scope) => scope.repository(EventSnapshot).getOrThrow(id));
  }

  /** Newest first, of one kind or of all. */
  async list(
    ctx: TenantContext,
    { kind, ...page }: PageRequest & { kind?: string | null | undefined },
  ): Promise<Page<EventSnapshot>> {
    return this.inTenant(ctx, (scope) =>
      scope
        .repository(EventSnapshot)
        .page(page, { where: kind == null ? {} : { kind }, orderBy: 'sequence' }),
    );
  }

  /** Those that the datasets with these ids were made by, in no order. */
  async byDatasets(ctx: TenantContext, datasetIds: readonly string[]): Promise<EventSnapshot[]> {
    return this.inTenant(ctx, (scope) =>
      scope.repository(EventSnapshot).find({ datasetId: In([...datasetIds]) }),
    );
  }

  private inTenant<T>(ctx: TenantContext, work: (scope: TenantScope) => Promise<T>): Promise<T> {
    return this.database.inTenant(ctx.actor.tenantId, work);
  }
}

/** What PostgreSQL and ISO 8601 both write with four digits. */
function isStorable(moment: Date): boolean {
  const year = moment.getUTCFullYear();
  return year >= 1900 && year <= 9999;
}
