import { Alert } from './alert.entity';
import { StoredDrift } from './drift-report.entity';

import { WebhookDelivery } from './webhooks/webhook-delivery.entity';
import { Webhook } from './webhooks/webhook.entity';

/** The tables of the monitoring. */
export const MONITORING_ENTITIES = [Alert, StoredDrift, Webhook, WebhookDelivery];
