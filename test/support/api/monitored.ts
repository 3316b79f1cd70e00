import { type ApiCaller } from './api-caller';
import { KIND } from './table-dataset';

/** A webhook as a tenant sets it; its id. */
export async function someWebhook(caller: ApiCaller): Promise<string> {
  const { setWebhook } = await caller.data<{ setWebhook: { webhook: { id: string } } }>(
    'mutation ($input: SetWebhookInput!) { setWebhook(input: $input) { ... on SetWebhookSuccess { webhook { id } } } }',
    { input: { url: 'https://example.com/alerts' } },
  );
  return setWebhook.webhook.id;
}

/** A schedule as a tenant sets it; its id. */
export async function someSchedule(caller: ApiCaller): Promise<string> {
  const { setRetrainingSchedule } = await caller.data<{
    setRetrainingSchedule: { schedule: { id: string } };
  }>(
    `mutation ($input: SetRetrainingScheduleInput!) {
      setRetrainingSchedule(input: $input) { ... on SetRetrainingScheduleSuccess { schedule { id } } }
    }`,
    { input: { domain: KIND, onDrift: true } },
  );
  return setRetrainingSchedule.schedule.id;
}

/** The mutations about schedules and webhooks, as the audit log is to have them. */
export const monitoringCalls = (caller: () => ApiCaller) => ({
  setRetrainingSchedule: () => ({
    input: { domain: KIND, onDrift: true },
    action: 'RETRAINING_SCHEDULED' as const,
  }),
  deleteSchedule: async () => {
    const objectId = await someSchedule(caller());
    return { input: { scheduleId: objectId }, action: 'RETRAINING_UNSCHEDULED' as const, objectId };
  },
  setWebhook: () => ({ input: { url: 'https://example.com/alerts' }, action: 'WEBHOOK_SET' as const }),
  deleteWebhook: async () => {
    const objectId = await someWebhook(caller());
    return { input: { webhookId: objectId }, action: 'WEBHOOK_DELETED' as const, objectId };
  },
});
