import { AppError, type Issue } from '../../errors';
import { wantedColumns } from '../../learning/preparation/column-plan';
import { type CellValue, type StoredEvent } from '../../learning/preparation/stored-event';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import {
  checkPageSize,
  encodeCursor,
  type Page,
  type PageRequest,
  unknownCursor,
} from '../../platform/persistence/keyset';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type DomainsService } from '../domains/domains.service';
import { requireRoomTaken } from '../quotas/require-room';
import { type ErasedSubjects } from '../privacy/erased-subjects';
import { appendEvents } from './append-events';
import { type GivenEvent, isStorable, readEvent } from './event-input';
import { eventSpecOf } from './event-spec';
import { countedItems } from './item-rates';
import { Turns } from './turns';
import { type VisibilityProbe } from './visibility-probe';

/** Most events of a batch. */
export const MAX_BATCH = 1_000;
/** Batches of a domain that may wait: each is some MiB. */
const MAX_WAITING = 32;
const MAX_UNREAD = 100;
/** Kinds that a summary lists. */
const MAX_KINDS = 100;
/** Events whose lag a summary tells. */
const LAG_EVENTS = 1_000;

export interface NewEvents {
  /** A discovered domain's kind, such as `ECOMMERCE_PURCHASE`. */
  readonly domain: string;
  readonly events: readonly GivenEvent[];
}

export interface EventOutcome {
  readonly id: string;
  readonly state: 'ACCEPTED' | 'DUPLICATE' | 'REFUSED';
  /** Why it was refused; paths begin in the batch: `events.3.at`. */
  readonly issues: readonly Issue[];
}

export interface Ingestion {
  /** In the order of the batch. */
  readonly outcomes: readonly EventOutcome[];
  /** Names of values that the configuration in force does not read, sorted, at most 100. */
  readonly unreadColumns: readonly string[];
}

export interface ListedEvent extends StoredEvent {
  readonly sequence: number;
  readonly receivedAt: Date;
}

export interface KindSummary {
  readonly kind: string;
  readonly count: number;
  readonly from: Date;
  readonly to: Date;
}

/** How long after its moment an event was accepted, in milliseconds; negative where the sender's clock is ahead. */
export interface EventLag {
  /** The last ones accepted, at most 1,000. */
  readonly events: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

export interface StoreSummary {
  readonly count: number;
  readonly from: Date | null;
  readonly to: Date | null;
  readonly lastReceivedAt: Date | null;
  /** The most frequent first, at most 100. */
  readonly kinds: readonly KindSummary[];
  readonly kindCount: number;
  /** Null when there are no events. */
  readonly lag: EventLag | null;
}

/** An event, and where it stands in its batch. */
interface Placed {
  readonly place: number;
  readonly event: StoredEvent;
}

interface EventRow {
  readonly sequence: number;
  readonly id: string;
  readonly subject: string;
  readonly at: Date;
  readonly kind: string;
  readonly cells: Record<string, CellValue>;
  readonly received_at: Date;
}

/** What subjects did, as it happens: the source of snapshots for training, and of histories for predictions. */
export class EventsService {
  /** Of each store: one batch at a time is appended anyway. */
  private readonly turns = new Turns(MAX_WAITING);

  constructor(
    private readonly database: Database,
    private readonly domains: Pick<DomainsService, 'ensureCurrent' | 'catalogue'>,
    private readonly erased: Pick<ErasedSubjects, 'ofDomain'>,
    private readonly probe: VisibilityProbe | null = null,
  ) {}

  /**
   * Stores a batch, and returns once it is committed; after that, every prediction sees it. Each event is judged by
   * itself. One that the store has already, with the same content, changes nothing.
   *
   * @throws AppError BAD_USER_INPUT for more than 1,000 events or an unknown domain; INVALID_CONFIGURATION when the
   * domain is configured for tables; QUOTA_EXCEEDED, and nothing was stored; UNAVAILABLE, and then nothing was stored, or all of it with the answer lost: the
   * same batch may be sent again
   */
  async ingest(ctx: TenantContext, { domain, events }: NewEvents): Promise<Ingestion> {
    if (events.length > MAX_BATCH) {
      const message = `holds ${events.length} events; at most ${MAX_BATCH} fit in one batch`;
      throw new AppError('BAD_USER_INPUT', `The field "events" ${message}.`, [{ path: 'events', message }]);
    }
    const spec = eventSpecOf(await this.domains.ensureCurrent(ctx, domain));
    const now = new Date();
    const outcomes: (EventOutcome | null)[] = events.map(() => null);
    const refuse = (place: number, id: string, issues: readonly Issue[]): void => {
      const under = (path: string) => (path === '' ? `events.${place}` : `events.${place}.${path}`);
      outcomes[place] = {
        id,
        state: 'REFUSED',
        issues: issues.map(({ path, message }) => ({ path: under(path), message })),
      };
    };
    const seen = new Set<string>();
    const batch: Placed[] = [];
    const repeated: Placed[] = [];
    for (const [place, given] of events.entries()) {
      const read = readEvent(given, spec, now);
      if ('issues' in read) {
        refuse(place, given.id, read.issues);
        continue;
      }
      (seen.has(given.id) ? repeated : batch).push({ place, event: read.event });
      seen.add(given.id);
    }
    const { tenantId } = ctx.actor;
    const counted = countedItems(this.domains.catalogue.get(domain).items, spec);
    const append = async (scope: TenantScope): Promise<void> => {
      const erased = await this.erased.ofDomain(scope, domain);
      const isTaken = ({ place, event: { id, subjectId } }: Placed): boolean => {
        if (erased?.has(subjectId) !== true) return true;
        refuse(place, id, [ERASED]);
        return false;
      };
      // After the first, every id of the second is in the store, to be compared with.
      for (const part of [batch.filter(isTaken), repeated.filter(isTaken)]) {
        const appended = await appendEvents(
          scope,
          { domain, counted },
          part.map(({ event }) => event),
        );
        part.forEach(({ place, event: { id } }, index) => {
          const state = appended[index] ?? 'OTHER_CONTENT';
          if (state === 'OTHER_CONTENT') refuse(place, id, [OTHER_CONTENT]);
          else outcomes[place] = { id, state, issues: [] };
        });
      }
      const count = (state: EventOutcome['state']) =>
        outcomes.filter((outcome) => outcome?.state === state).length;
      const [accepted, duplicates, refused] = [count('ACCEPTED'), count('DUPLICATE'), count('REFUSED')];
      // A batch that the store had already changes nothing.
      if (accepted === 0) return;
      await requireRoomTaken(scope, ctx, { STORED_ROWS: accepted });
      recordChange(scope, ctx, {
        action: 'EVENTS_INGESTED',
        objectId: domain,
        before: null,
        after: { accepted, duplicates, refused },
      });
    };
    await this.turns.run(`${tenantId} ${domain}`, () => this.database.inTenant(tenantId, append));
    const newest = batch.findLast(({ place }) => outcomes[place]?.state === 'ACCEPTED');
    if (newest) this.probe?.committed({ tenantId, domain }, newest.event);
    const read = wantedColumns(spec);
    const unread = new Set(
      batch.flatMap(({ event }) => Object.keys(event.cells)).filter((name) => !read.has(name)),
    );
    return {
      outcomes: outcomes.map((outcome) => {
        if (outcome) return outcome;
        throw new Error('an event was not answered for');
      }),
      unreadColumns: [...unread].sort().slice(0, MAX_UNREAD),
    };
  }

  /**
   * A subject's events, the latest first.
   * @throws AppError BAD_USER_INPUT for a page size out of bounds or an unknown cursor
   */
  async ofSubject(
    ctx: TenantContext,
    { domain, subjectId }: { domain: string; subjectId: string },
    { first, after }: PageRequest,
  ): Promise<Page<ListedEvent>> {
    checkPageSize(first);
    if (!isStorable(subjectId)) return { items: [], endCursor: null, hasNextPage: false };
    const place = after == null ? null : sequenceOf(after);
    const rows = await this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const key = [scope.tenantId, domain, subjectId];
      if (place !== null) {
        const [known] = await scope.query(
          'SELECT FROM events WHERE tenant_id = $1 AND domain = $2 AND subject = $3 AND sequence = $4',
          [...key, place],
        );
        if (!known) throw unknownCursor();
      }
      return scope.query<EventRow>(
        `SELECT * FROM events e
          WHERE tenant_id = $1 AND domain = $2 AND subject = $3
            ${place === null ? '' : 'AND (at, sequence) < (SELECT p.at, p.sequence FROM events p WHERE p.tenant_id = $1 AND p.domain = $2 AND p.sequence = $5)'}
          ORDER BY at DESC, sequence DESC LIMIT $4`,
        [...key, first + 1, ...(place === null ? [] : [place])],
      );
    });
    const items = rows.slice(0, first).map(listed);
    const last = items.at(-1);
    return {
      items,
      endCursor: last ? encodeCursor(String(last.sequence)) : null,
      hasNextPage: rows.length > first,
    };
  }

  /** What a domain's store holds. Counts are kept with every batch, not made by counting. */
  async summary(ctx: TenantContext, domain: string): Promise<StoreSummary> {
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const key = [scope.tenantId, domain];
      const [store] = await scope.query<{ lastSequence: number; lastReceivedAt: Date | null }>(
        `SELECT last_sequence AS "lastSequence", last_received_at AS "lastReceivedAt"
           FROM event_stores WHERE tenant_id = $1 AND domain = $2`,
        key,
      );
      const [range] = await scope.query<{
        count: number;
        from: Date | null;
        to: Date | null;
        kindCount: number;
      }>(
        // Numbers of erased events are not given again: these counts are of those that are left.
        `SELECT coalesce(sum(count), 0)::bigint AS count, min(first_at) AS "from", max(last_at) AS "to",
                count(*) AS "kindCount"
           FROM event_kinds WHERE tenant_id = $1 AND domain = $2`,
        key,
      );
      const kinds = await scope.query<KindSummary>(
        `SELECT kind, count, first_at AS "from", last_at AS "to" FROM event_kinds
          WHERE tenant_id = $1 AND domain = $2 ORDER BY count DESC, kind LIMIT ${MAX_KINDS}`,
        key,
      );
      const [lag] = await scope.query<EventLag>(
        `SELECT count(*) AS events, max(ms) AS "maxMs",
                percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS "medianMs",
                percentile_cont(0.95) WITHIN GROUP (ORDER BY ms) AS "p95Ms"
           FROM (SELECT extract(epoch FROM received_at - at)::double precision * 1000 AS ms FROM events
                  WHERE tenant_id = $1 AND domain = $2 AND sequence > $3) last`,
        [...key, (store?.lastSequence ?? 0) - LAG_EVENTS],
      );
      return {
        count: range?.count ?? 0,
        from: range?.from ?? null,
        to: range?.to ?? null,
        lastReceivedAt: store?.lastReceivedAt ?? null,
        kinds,
        kindCount: range?.kindCount ?? 0,
        lag: lag?.events ? lag : null,
      };
    });
  }
}

const ERASED: Issue = {
  path: 'subjectId',
  message: 'was erased, and nothing about it is taken until allowSubject lets it come back',
};

const OTHER_CONTENT: Issue = {
  path: 'id',
  message: 'is the id of an event with other content, which is kept as it is: events never change',
};

function sequenceOf(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (!/^[1-9]\d{0,15}$/.test(text)) throw unknownCursor();
  return Number(text);
}

function listed(row: EventRow): ListedEvent {
  const { sequence, id, subject, at, kind, cells, received_at } = row;
  return { sequence, id, subjectId: subject, at, kind, cells, receivedAt: received_at };
}
