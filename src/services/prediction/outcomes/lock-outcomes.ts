import { type TenantScope } from '../../../platform/persistence/tenant-scope';

const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('outcomes ' || $1 || ' ' || $2, 0))`;

/** Changes of a domain's outcomes are one after the other, so that each knows what the one before has left. */
export async function lockOutcomes(scope: TenantScope, domain: string): Promise<void> {
  await scope.query(LOCK, [scope.tenantId, domain]);
}
