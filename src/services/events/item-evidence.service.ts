import { EARLIEST_MOMENT_MS, LATEST_MOMENT_MS } from '../../learning/features/moment';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type DomainCatalogue } from '../domains/domain-catalogue';
import { isStorable } from './event-input';
import { type Exposure, exposures } from './exposures';
import { type ItemRate, itemRates } from './item-rates';

const HOUR_MS = 3_600_000;
const NOTHING: ItemEvidence = { exposures: [], rates: new Map() };

export interface EvidenceQuestion {
  readonly kind: string;
  /** Strictly before this moment. */
  readonly before: Date;
  /** Whose exposures, and how far back, are wanted; none without one. */
  readonly subject: { readonly id: string; readonly hours: number } | null;
  /** Whose rates, and over how many days, are wanted. */
  readonly items: { readonly ids: readonly string[]; readonly days: number };
}

/** What stored events say about items that might be shown. */
export interface ItemEvidence {
  /** The latest first. */
  readonly exposures: readonly Exposure[];
  /** Of the items that were shown. */
  readonly rates: ReadonlyMap<string, ItemRate>;
}

/** What a decision about items needs to know of the past, beside the history that the model sees. */
export class ItemEvidenceService {
  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly catalogue: Pick<DomainCatalogue, 'get'>,
  ) {}

  /**
   * One transaction, and none where nothing is asked.
   * @throws AppError UNAVAILABLE
   */
  async read(ctx: TenantContext, question: EvidenceQuestion): Promise<ItemEvidence> {
    const { kind: domain, before, subject, items } = question;
    const { items: columns } = this.catalogue.get(domain);
    const moment = before.getTime();
    if (!columns || !(moment >= EARLIEST_MOMENT_MS && moment < LATEST_MOMENT_MS)) return NOTHING;
    const ids = items.ids.filter(isStorable);
    const asked = subject && isStorable(subject.id) ? subject : null;
    if (!asked && ids.length === 0) return NOTHING;
    const back = (hours: number) => new Date(Math.max(EARLIEST_MOMENT_MS, moment - hours * HOUR_MS));
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => ({
      exposures: asked
        ? await exposures(scope, { domain, columns, subjectId: asked.id, from: back(asked.hours), before })
        : [],
      rates:
        ids.length > 0
          ? await itemRates(scope, { domain, items: ids, from: back(24 * items.days), until: before })
          : new Map<string, ItemRate>(),
    }));
  }
}
