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
