import { type ApiCaller } from './api-caller';

/** A key beside the caller's own; its id. */
export async function anotherKey(caller: ApiCaller): Promise<string> {
  const { createApiKey } = await caller.data<{ createApiKey: { apiKey: { id: string } } }>(
    'mutation { createApiKey(input: { name: "old", role: SERVICE }) { ... on CreateApiKeySuccess { apiKey { id } } } }',
  );
  return createApiKey.apiKey.id;
}
