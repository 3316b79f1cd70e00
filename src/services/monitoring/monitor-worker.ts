import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { messageOf } from '../../errors';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type Metrics } from '../../platform/telemetry/metrics';
import { StoredDrift } from './drift-report.entity';
import { DRIFT_CHANNEL } from './drift-states';
import { type Monitored, monitorDomain, type MonitorParts } from './monitor-domain';
import { raiseAlert } from './raise-alert';
import { changesOf, type WatchedStates } from './watched-states';

/** Reports that are kept of a domain. */
const MAX_REPORTS = 200;
/** How long a worker that fell silent keeps a domain to itself. */
const LEASE_SECONDS = 600;

/** The domain is this worker's when it is due and nobody has it; a new one is due at once. */
const TAKE = `
INSERT INTO monitors (tenant_id, domain, next_at, leased_until)
VALUES ($1, $2, now(), now() + make_interval(secs => $3))
ON CONFLICT (tenant_id, domain) DO UPDATE SET leased_until = excluded.leased_until
 WHERE monitors.next_at <= now() AND monitors.leased_until < now()
RETURNING states, leased_until::text AS lease`;

/** At the next full period after now, whatever was missed; only while nobody else has taken it. */
const FINISH = `
UPDATE monitors
   SET next_at = to_timestamp((floor(extract(epoch FROM now()) / $3) + 1) * $3), leased_until = '-infinity', states = $4
 WHERE tenant_id = $1 AND domain = $2 AND leased_until = $5::timestamptz
RETURNING 1 AS mine`;

const TRIM = `
DELETE FROM drift_reports WHERE tenant_id = $1 AND domain = $2 AND sequence <= (
  SELECT sequence FROM drift_reports WHERE tenant_id = $1 AND domain = $2
   ORDER BY sequence DESC OFFSET ${MAX_REPORTS} LIMIT 1)`;

interface Place {
  readonly tenantId: string;
  readonly domain: string;
}

export interface MonitorWorkerOptions extends MonitorParts {
  readonly logger: Logger;
  readonly metrics?: Metrics | null;
  /** Between two looks at a domain: an hour unless given. */
  readonly periodSeconds?: number;
  /** Between two looks for domains that are due. */
  readonly pollMs?: number;
}

/**
 * Looks at every domain that serves once in each period, until it is closed. Any number may do so: each takes what is due
 * and nobody else has. Periods in which none ran are made up for by one look.
 */
export class MonitorWorker {
  private readonly closing = new AbortController();
  private loop: Promise<void> | null = null;

  constructor(private readonly options: MonitorWorkerOptions) {}

  start(): void {
    this.loop ??= this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
  }

  /** Looks at whatever is due; returns how many domains that were. */
  async monitorDue(): Promise<number> {
    const { database, logger } = this.options;
    const due = await database.asPlatform((scope) =>
      scope.query<Place>('SELECT tenant_id AS "tenantId", domain FROM due_monitors()'),
    );
    let count = 0;
    for (const place of due) {
      if (this.closing.signal.aborted) break;
      try {
        if (await this.monitor(place)) count++;
      } catch (error) {
        // It is due again when the lease has run out.
        logger.warn({ ...place, error: messageOf(error) }, 'a domain could not be looked at');
      }
    }
    return count;
  }

  private async monitor(place: Place): Promise<boolean> {
    const { database } = this.options;
    const [taken] = await database.inTenant(place.tenantId, (scope) =>
      scope.query<{ states: WatchedStates; lease: string }>(TAKE, [
        place.tenantId,
        place.domain,
        LEASE_SECONDS,
      ]),
    );
    if (!taken) return false;
    const monitored = await monitorDomain(this.options, place, new Date());
    return database.inTenant(place.tenantId, (scope) => this.finish(scope, place, { ...taken, monitored }));
  }

  /** Report, alerts and the next look are committed together, or not at all. */
  private async finish(
    scope: TenantScope,
    { tenantId, domain }: Place,
    {
      states: known,
      lease,
      monitored: { drift, findings },
    }: { readonly states: WatchedStates; readonly lease: string; readonly monitored: Monitored },
  ): Promise<boolean> {
    const { states, changes } = changesOf(known, findings);
    const period = this.options.periodSeconds ?? 3_600;
    const [mine] = await scope.query(FINISH, [tenantId, domain, period, JSON.stringify(states), lease]);
    if (!mine) return false;
    const { report, modelVersionId, ...rest } = drift;
    await scope.repository(StoredDrift).insert({
      ...{ domain, modelVersionId, report, ...rest },
      state: report?.state ?? 'UNKNOWN',
      inputs: report?.inputs ?? 'UNKNOWN',
    });
    await scope.query(TRIM, [tenantId, domain]);
    await scope.notify(DRIFT_CHANNEL, { tenantId, modelVersionId });
    for (const change of changes) await raiseAlert(scope, { ...change, domain, modelVersionId });
    return true;
  }

  private async run(): Promise<void> {
    const { logger, metrics, pollMs = 30_000 } = this.options;
    const look = () => this.monitorDue();
    while (!this.closing.signal.aborted) {
      try {
        const count = await (metrics ? metrics.pass('monitors', look) : look());
        if (count > 0) logger.info({ count }, 'domains were looked at');
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'nothing can be monitored for now');
      }
      await sleep(pollMs, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
  }
}
