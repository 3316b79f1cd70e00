import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { messageOf } from '../../../errors';
import { type TenantKeys } from '../../../platform/encryption/tenant-keys';
import { type Database } from '../../../platform/persistence/database';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { type Metrics } from '../../../platform/telemetry/metrics';
import { Alert } from '../alert.entity';
import { raiseAlert } from '../raise-alert';
import { type CallOptions, type CallOutcome, callWebhook } from './call-webhook';
import { DELIVERY_HEADER, SIGNATURE_HEADER, signatureOf } from './signature';
import { WebhookDelivery } from './webhook-delivery.entity';
import { secretContext } from './webhook-secrets';
import { Webhook } from './webhook.entity';

export interface WebhookWorkerOptions extends Pick<CallOptions, 'targets' | 'resolveAll'> {
  readonly database: Pick<Database, 'inTenant' | 'asPlatform'>;
  readonly keys: TenantKeys;
  readonly logger: Logger;
  readonly metrics?: Metrics | null;
  /** Of one call: ten seconds unless given. */
  readonly timeoutMs?: number;
  /** Before the second attempt; twice as long before each further one, an hour at most. */
  readonly firstDelayMs?: number;
  readonly maxAttempts?: number;
  /** Deliveries in a row that are given up until the webhook is. */
  readonly disableAfter?: number;
  /** Calls of one tenant at a time, over all workers. */
  readonly perTenant?: number;
  readonly pollMs?: number;
}

const DEFAULTS = {
  timeoutMs: 10_000,
  firstDelayMs: 10_000,
  maxAttempts: 8,
  disableAfter: 5,
  perTenant: 4,
  pollMs: 1_000,
};
const LONGEST_DELAY_MS = 3_600_000;
/** Calls of this process at a time. */
const MAX_CALLS = 32;
/** Deliveries that are kept of a webhook. */
const MAX_KEPT = 1_000;
const MAX_ERROR = 500;

/** It is this worker's when it is due, nobody has it, and the tenant has not as many calls under way as it may. */
const TAKE = `
UPDATE webhook_deliveries SET attempts = attempts + 1, leased_until = now() + make_interval(secs => $3)
 WHERE tenant_id = $1 AND id = $2 AND state = 'PENDING' AND next_attempt_at <= now() AND leased_until < now()
   AND (SELECT count(*) FROM webhook_deliveries d
         WHERE d.tenant_id = $1 AND d.state = 'PENDING' AND d.leased_until >= now()) < $4
RETURNING leased_until::text AS lease`;

const END = `
UPDATE webhook_deliveries
   SET state = $4, status = $5, error = $6, leased_until = '-infinity',
       next_attempt_at = now() + make_interval(secs => $7),
       ended_at = CASE WHEN $4 = 'PENDING' THEN NULL ELSE now() END
 WHERE tenant_id = $1 AND id = $2 AND state = 'PENDING' AND leased_until = $3::timestamptz
RETURNING webhook_id`;

const TRIM = `
DELETE FROM webhook_deliveries WHERE tenant_id = $1 AND webhook_id = $2 AND state <> 'PENDING' AND sequence <= (
  SELECT sequence FROM webhook_deliveries WHERE tenant_id = $1 AND webhook_id = $2
   ORDER BY sequence DESC OFFSET ${MAX_KEPT} LIMIT 1)`;

interface Place {
  readonly tenantId: string;
  readonly id: string;
}

interface Taken {
  readonly lease: string;
  readonly delivery: WebhookDelivery;
  readonly webhook: Webhook;
  readonly alert: Alert;
}

/** Sends alerts to where their tenants want them, until it is closed. Any number may do so at once. */
export class WebhookWorker {
  private readonly closing = new AbortController();
  private readonly settings: typeof DEFAULTS;
  private readonly calls = new Map<string, Promise<void>>();
  private loop: Promise<void> | null = null;

  constructor(private readonly options: WebhookWorkerOptions) {
    const given = Object.entries(options).filter(([name, value]) => name in DEFAULTS && value !== undefined);
    this.settings = { ...DEFAULTS, ...(Object.fromEntries(given) as Partial<typeof DEFAULTS>) };
  }

  start(): void {
    this.loop ??= this.run();
  }

  /** Takes no more; calls that are under way end, at the latest by their timeout. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
    await Promise.all(this.calls.values());
  }

  /** Begins the calls that are due, and returns how many; they go on behind it. */
  async callDue(): Promise<number> {
    const { database } = this.options;
    const due = await database.asPlatform((scope) =>
      scope.query<Place>('SELECT tenant_id AS "tenantId", id FROM due_webhook_deliveries($1)', [
        this.settings.perTenant,
      ]),
    );
    let count = 0;
    for (const place of due) {
      if (this.closing.signal.aborted || this.calls.size >= MAX_CALLS) break;
      if (this.calls.has(place.id)) continue;
      const taken = await database.inTenant(place.tenantId, (scope) => this.take(scope, place.id));
      if (!taken) continue;
      count++;
      const call = this.deliver(place, taken).finally(() => this.calls.delete(place.id));
      this.calls.set(place.id, call);
    }
    return count;
  }

  /** Once no call is under way. */
  async idle(): Promise<void> {
    while (this.calls.size > 0) await Promise.all(this.calls.values());
  }

  private async take(scope: TenantScope, id: string): Promise<Taken | null> {
    const { timeoutMs, perTenant } = this.settings;
    // Counting and taking are one step, also between workers.
    await scope.query(`SELECT pg_advisory_xact_lock(hashtextextended('deliveries ' || $1, 0))`, [
      scope.tenantId,
    ]);
    const seconds = timeoutMs / 1000 + 30;
    const [row] = await scope.query<{ lease: string }>(TAKE, [scope.tenantId, id, seconds, perTenant]);
    if (!row) return null;
    const delivery = await scope.repository(WebhookDelivery).getOrThrow(id);
    return {
      lease: row.lease,
      delivery,
      webhook: await scope.repository(Webhook).getOrThrow(delivery.webhookId),
      alert: await scope.repository(Alert).getOrThrow(delivery.alertId),
    };
  }

  private async deliver(place: Place, taken: Taken): Promise<void> {
    const { database, keys, logger, targets, resolveAll } = this.options;
    const { delivery, webhook, alert } = taken;
    try {
      const body = bodyOf(delivery, alert);
      const secret = await database.inTenant(place.tenantId, (scope) =>
        keys.open(scope, webhook.secret, secretContext(webhook.id)),
      );
      const outcome = webhook.disabledAt
        ? { status: null, error: 'the webhook was given up meanwhile' }
        : await callWebhook(
            {
              url: webhook.url,
              body,
              headers: {
                'content-type': 'application/json',
                'user-agent': 'propensity-webhooks',
                [DELIVERY_HEADER]: delivery.id,
                [SIGNATURE_HEADER]: signatureOf(secret, body, new Date()),
              },
            },
            { targets, timeoutMs: this.settings.timeoutMs, ...(resolveAll && { resolveAll }) },
          );
      await database.inTenant(place.tenantId, (scope) => this.end(scope, taken, outcome));
    } catch (error) {
      // It is due again when the lease has run out.
      logger.warn({ ...place, error: messageOf(error) }, 'a delivery could not be recorded');
    }
  }

  private async end(
    scope: TenantScope,
    { lease, delivery, webhook }: Taken,
    { status, error }: CallOutcome,
  ): Promise<void> {
    const { maxAttempts, firstDelayMs } = this.settings;
    const isOver = error === null || delivery.attempts >= maxAttempts || webhook.disabledAt !== null;
    const state = error === null ? 'DELIVERED' : isOver ? 'FAILED' : 'PENDING';
    const longest = Math.min(LONGEST_DELAY_MS, firstDelayMs * 2 ** (delivery.attempts - 1));
    // Half of it by lot: receivers that come back are not met by all at once.
    const delay = (longest * (1 + Math.random())) / 2 / 1000;
    const [mine] = await scope.query(END, [
      ...[scope.tenantId, delivery.id, lease, state, status],
      ...[error?.slice(0, MAX_ERROR) ?? null, delay],
    ]);
    if (!mine || state === 'PENDING') return;
    await scope.query(TRIM, [scope.tenantId, webhook.id]);
    await this.judge(scope, webhook.id, state === 'DELIVERED');
  }

  /** A webhook that takes nothing any more is given up, and said to be. */
  private async judge(scope: TenantScope, id: string, isDelivered: boolean): Promise<void> {
    const webhooks = scope.repository(Webhook);
    const { failures, disabledAt, url } = await webhooks.getForUpdate(id);
    if (disabledAt !== null) return;
    const count = isDelivered ? 0 : failures + 1;
    const isGivenUp = count >= this.settings.disableAfter;
    await webhooks.update({ id }, { failures: count, disabledAt: isGivenUp ? new Date() : null });
    if (!isGivenUp) return;
    await raiseAlert(scope, {
      ...{ domain: null, kind: 'WEBHOOK_DISABLED', from: 'OK', to: 'BAD', modelVersionId: null },
      message: `${count} deliveries in a row to ${new URL(url).host} failed: mend it, then call setWebhook with the same URL.`,
    });
  }

  private async run(): Promise<void> {
    const { logger, metrics } = this.options;
    while (!this.closing.signal.aborted) {
      try {
        const look = () => this.callDue();
        await (metrics ? metrics.pass('webhooks', look) : look());
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'no alerts can be delivered for now');
      }
      await sleep(this.settings.pollMs, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
  }
}

/** The same in every attempt. */
function bodyOf({ id }: WebhookDelivery, alert: Alert): string {
  const { domain, kind, from, to, message, modelVersionId, raisedAt } = alert;
  return JSON.stringify({
    id,
    type: 'alert',
    alert: { id: alert.id, domain, kind, from, to, message, modelVersionId, raisedAt },
  });
}
