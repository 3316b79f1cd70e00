import { type TenantScope } from '../../platform/persistence/tenant-scope';

/** Decisions about what serves a kind happen one after the other, so that their order is the order of their commits. */
export async function lockDecisions(scope: TenantScope, kind: string): Promise<void> {
  await scope.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `promotions ${scope.tenantId} ${kind}`,
  ]);
}
