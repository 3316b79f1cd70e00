import {
  fitItemModel,
  type ItemModel,
  type OccasionKinds,
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
import { itemEventsOf, latestItemEvents, type ShopColumns } from './item-events';

/** Of a store, the events accepted last that its items are known from. */
export const MODEL_EVENTS = 50_000;
/** Of a subject, the latest events that count. */
export const SUBJECT_EVENTS = 1_000;
/** For how long a look at a store's events is good. */
export const FRESH_MS = 5 * 60_000;
/** Items that are kept in memory, over all tenants. */
const KEPT_ITEMS = 500_000;

export interface ItemsQuestion {
  readonly domain: string;
  readonly columns: ShopColumns;
  readonly basketKind: string;
  readonly subjectId: string;
  readonly at: Date;
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
 */
export class ItemModelsService {
  private readonly models = new RecentResults<ItemModel>(KEPT_ITEMS, ({ index }) => index.items.size + 1);
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
    const before = new Date(Math.floor(at.getTime() / FRESH_MS) * FRESH_MS);
    const turn = Math.floor(Date.now() / FRESH_MS);
    const key = JSON.stringify([tenantId, domain, columns, kinds, before, turn]);
    const model = this.models.get(key, () =>
      this.fits.run(async () => {
        const events = await this.database.inTenant(tenantId, (scope) =>
          latestItemEvents(scope, { domain, columns, before, limit: MODEL_EVENTS }),
        );
        return fitItemModel(events, kinds);
      }),
    );
    const [known, own] = await Promise.all([model, history]);
    return { model: known, kinds, history: own };
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
