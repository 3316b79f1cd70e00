import { type ApiCaller } from './api-caller';
import { type ApiTenant, type TestApi } from './test-api';

export const SET_QUOTAS = `mutation ($input: SetTenantQuotasInput!) {
  setTenantQuotas(input: $input) {
    ... on SetTenantQuotasSuccess { quotas { kind limit used remaining } }
    ... on InvalidInput { code issues { path } }
  }
}`;

export interface SeenQuota {
  readonly kind: string;
  readonly limit: number | null;
  readonly used: number;
  readonly remaining: number | null;
  readonly period: string;
  readonly resetsAt: string | null;
}

/** Gives a tenant a limit of a kind; null takes it away. */
export const limitTo = (test: TestApi, { id }: ApiTenant, limits: Record<string, number | null>) =>
  test.platform.data(SET_QUOTAS, {
    input: {
      tenantId: id,
      quotas: Object.entries(limits).map(([kind, limit]) => ({ kind, limit })),
    },
  });

/** A quota as the tenant sees it. */
export async function seenQuota(caller: ApiCaller, kind: string): Promise<SeenQuota> {
  const { quotas } = await caller.data<{ quotas: SeenQuota[] }>(
    '{ quotas { kind limit used remaining period resetsAt } }',
  );
  const found = quotas.find((quota) => quota.kind === kind);
  if (!found) throw new Error(`${kind} is not among the quotas`);
  return found;
}
