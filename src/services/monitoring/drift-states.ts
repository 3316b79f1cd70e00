import { z } from 'zod';
import { type DriftState } from '../../learning/drift/compare-columns';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { ActivePolicies } from '../policies/active-policies';
import { StoredDrift } from './drift-report.entity';

/** NOTIFY channel; payload `{tenantId, modelVersionId}`, delivered when a report commits. */
export const DRIFT_CHANNEL = 'drift_reported';

const announcement = z.object({ tenantId: z.string(), modelVersionId: z.string() });

/** What the monitoring found last; the state of inputs is kept in memory, because every prediction may ask for it. */
export class DriftStates {
  readonly #inputs: ActivePolicies<DriftState>;

  constructor(private readonly database: Pick<Database, 'inTenant'>) {
    this.#inputs = new ActivePolicies({
      find: async (tenantId, modelVersionId) =>
        (await this.#latest(tenantId, { modelVersionId }))?.inputs ?? 'UNKNOWN',
    });
  }

  /** Of a version's inputs, as its last report has it; UNKNOWN without any. */
  async inputs(tenantId: string, modelVersionId: string): Promise<DriftState> {
    return this.#inputs.current(tenantId, modelVersionId);
  }

  /** The last report of a domain, of whichever version served then. */
  async latest(tenantId: string, domain: string): Promise<StoredDrift | null> {
    return this.#latest(tenantId, { domain });
  }

  /** Newest first. */
  async page(tenantId: string, domain: string, page: PageRequest): Promise<Page<StoredDrift>> {
    return this.database.inTenant(tenantId, (scope) =>
      scope.repository(StoredDrift).page(page, { where: { domain }, orderBy: 'sequence' }),
    );
  }

  /** To be called with what comes through {@link DRIFT_CHANNEL}. */
  announce(payload: unknown): void {
    const { data } = announcement.safeParse(payload);
    if (data) this.#inputs.announce(data.tenantId, data.modelVersionId);
  }

  /** To be called when announcements may have been missed. */
  resync(): void {
    this.#inputs.distrust();
  }

  async #latest(
    tenantId: string,
    where: { readonly domain: string } | { readonly modelVersionId: string },
  ): Promise<StoredDrift | null> {
    return this.database.inTenant(tenantId, (scope) =>
      scope.repository(StoredDrift).findOne(where, { order: { sequence: 'DESC' } }),
    );
  }
}
