import { type Caller, succeeded, type Tenant } from './caller';
import { learn } from './crawl';

/** What can be removed or ended: the type, the mutation, and the name that its input has for the id. */
const ENDINGS = [
  ['Webhook', 'deleteWebhook', 'webhookId'],
  ['RetrainingSchedule', 'deleteSchedule', 'scheduleId'],
  ['TrainingStudy', 'cancelStudy', 'studyId'],
  ['TrainingRun', 'cancelTraining', 'runId'],
  ['BatchScoring', 'cancelScoring', 'scoringId'],
] as const;

/**
 * Removes what the API lets be removed of a tenant.
 * @param isMade the tenant was made for this: its keys are revoked as well
 * @returns what stays
 */
export async function cleanUp(caller: Caller, tenant: Tenant, isMade: boolean): Promise<string[]> {
  await learn(caller, tenant);
  const end = async (mutation: string, input: object): Promise<boolean> => {
    const root = caller.root(mutation);
    return root !== null && succeeded(await caller.call(tenant, { root, args: { input } }));
  };
  await end('endChallenger', { domain: tenant.known.enumValue('DomainKind', []), reason: 'isolation' });
  for (const [type, mutation, name] of ENDINGS)
    for (const id of tenant.known.ids.get(type) ?? []) await end(mutation, { [name]: id });
  const { marker } = tenant.known;
  if (!isMade) return [`datasets, models, policies, events and keys named ${marker}`];
  const { keyInUse } = tenant.known;
  const keys = [...(tenant.known.ids.get('ApiKey') ?? [])].filter((id) => id !== keyInUse);
  for (const apiKeyId of keyInUse === null ? keys : [...keys, keyInUse])
    await end('revokeApiKey', { apiKeyId });
  return [];
}
