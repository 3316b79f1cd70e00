import {
  fitItemModel,
  type ItemModel,
  type OccasionKinds,
  priorItemModel,
} from '../../learning/decisions/items/fit-item-weights';
import { type ItemEvent } from '../../learning/decisions/items/item-event';
import { eventLabelOf } from '../../learning/features/label-spec';
import { featureSpecSchema, type FeatureSpec } from '../../learning/features/feature-spec';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { Slots } from '../datasets/slots';
import { type DomainsService } from '../domains/domains.service';
import { isStorable } from '../events/event-input';
import { RecentResults } from '../models/recent-results';
import { acceptedItemEvents, itemEventsOf, latestItemEvents, type ShopColumns } from './item-events';

/** Of a store, the events accepted last that its items are known from. */
export const MODEL_EVENTS = 50_000;
/** Of a subject, the latest events that count. */
export const SUBJECT_EVENTS = 1_000;
/** For how long a look at a store's events is good. */
export const FRESH_MS = 5 * 60_000;
/** The events accepted last that a shop is known from until its whole look is ready. */
export const FIRST_EVENTS = 5_000;
/** A former look serves for so long while a new one is taken. */
const MOST_STALE_MS = 24 * 3_600_000;
/** Shops whose latest look is remembered. */
const MAX_SHOPS = 10_000;
/** Items that are kept in memory, over all tenants. */
const KEPT_ITEMS = 500_000;

export interface ItemsQuestion {
  readonly domain: string;
  readonly columns: ShopColumns;
  readonly basketKind: string;
  readonly subjectId: string;
  readonly at: Date;
}

interface ShopQuestion extends Pick<ItemsQuestion, 'domain' | 'columns' | 'at'> {
  readonly tenantId: string;
  readonly kinds: OccasionKinds;
  /** Whose events, read how. */
  readonly shop: string;
}

interface LatestLook {
  readonly key: string;
  /** It is of events before this moment. */
  readonly beforeMs: number;
}

/** What is known when items are chosen for a subject. */
export interface ItemsKnown {
  readonly model: ItemModel;
  readonly kinds: OccasionKinds;
  /** In the order of time. */
  readonly history: readonly ItemEvent[];
}

/**
 * What the event store says of a shop's items and of what a subject did with them. The subject's events are read with
 * every question. Those of the whole store are read every five minutes at most, the 50,000 accepted last, and never
 * from after the moment asked about.
 *
 * Whoever asks about now does not wait for that: the former look serves until the new one is ready, and before there is
 * any, a look at few events. Questions about the past are answered from what was known then, and wait for it.
 */
export class ItemModelsService {
  private readonly models = new RecentResults<ItemModel>(KEPT_ITEMS, ({ index }) => index.items.size + 1);
  /** By shop: where its latest look is kept. */
  private readonly latest = new Map<string, LatestLook>();
  /** A look at a store takes a good part of a second of one core. */
  private readonly fits = new Slots(1);

  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly domains: Pick<DomainsService, 'current' | 'catalogue'>,
  ) {}

  /** @throws AppError UNAVAILABLE */
  async read(ctx: TenantContext, question: ItemsQuestion): Promise<ItemsKnown> {
    const { domain, columns, basketKind, subjectId, at } = question;
    const { tenantId } = ctx.actor;
    const configured = await this.domains.current(ctx, domain);
    const kinds = kindsOf(
      configured?.featureSpec ?? featureSpecSchema.parse(this.domains.catalogue.get(domain).featureSpec),
      basketKind,
    );
    const history = isStorable(subjectId)
      ? this.database.inTenant(tenantId, (scope) =>
          itemEventsOf(scope, subjectId, { domain, columns, before: at, limit: SUBJECT_EVENTS }),
        )
      : [];
    const shop = JSON.stringify([tenantId, domain, columns, kinds]);
    const [model, own] = await Promise.all([
      this.model({ tenantId, domain, columns, kinds, shop, at }),
      history,
    ]);
    return { model, kinds, history: own };
  }

  private async model(asked: ShopQuestion): Promise<ItemModel> {
    const { shop, at } = asked;
    const now = Date.now();
    const turn = Math.floor(now / FRESH_MS);
    const beforeMs = Math.floor(at.getTime() / FRESH_MS) * FRESH_MS;
    const key = `${shop} ${beforeMs} ${turn}`;
    const known = this.models.known(key);
    if (known) return known;
    const look = this.models.get(key, () => this.fits.run(() => this.look(asked, beforeMs)));
    if (beforeMs !== turn * FRESH_MS) return look;
    const latest = this.latest.get(shop);
    const former =
      latest && beforeMs - latest.beforeMs <= MOST_STALE_MS ? this.models.known(latest.key) : undefined;
    this.remember(shop, { key, beforeMs }, look);
    // When it fails, whoever asks next begins it anew.
    look.catch(() => undefined);
    return former ?? this.first(asked, { beforeMs, look });
  }

  private async look(
    { tenantId, domain, columns, kinds }: ShopQuestion,
    beforeMs: number,
  ): Promise<ItemModel> {
    const before = new Date(beforeMs);
    const events = await this.database.inTenant(tenantId, (scope) =>
      latestItemEvents(scope, { domain, columns, before, limit: MODEL_EVENTS }),
    );
    return fitItemModel(events, kinds);
  }

  /** The whole look where it is small, else one at few events. */
  private async first(
    { tenantId, domain, columns, kinds, shop }: ShopQuestion,
    { beforeMs, look }: { readonly beforeMs: number; readonly look: Promise<ItemModel> },
  ): Promise<ItemModel> {
    return this.models.get(`first ${shop} ${beforeMs}`, async () => {
      const before = new Date(beforeMs);
      const events = await this.database.inTenant(tenantId, async (scope) =>
        (await acceptedItemEvents(scope, domain)) <= FIRST_EVENTS
          ? null
          : latestItemEvents(scope, { domain, columns, before, limit: FIRST_EVENTS }),
      );
      return events === null ? look : priorItemModel(events, kinds);
    });
  }

  /** From when it is there, a look is its shop's latest. */
  private remember(shop: string, place: LatestLook, look: Promise<ItemModel>): void {
    look.then(
      () => {
        const latest = this.latest.get(shop);
        if (latest && latest.beforeMs > place.beforeMs) return;
        this.latest.delete(shop);
        this.latest.set(shop, place);
        for (const oldest of this.latest.keys()) {
          if (this.latest.size <= MAX_SHOPS) return;
          this.latest.delete(oldest);
        }
      },
      () => undefined,
    );
  }
}

/** What the events of a shop mean, as far as its specification says. */
function kindsOf(spec: FeatureSpec, basket: string): OccasionKinds {
  const label = eventLabelOf(spec.label);
  return {
    purchase: label && !label.isAbsence ? label.kind : 'purchase',
    basket,
    visits: spec.momentKinds ?? [],
    visitMs: label?.windowMs ?? 2 * 3_600_000,
  };
}
