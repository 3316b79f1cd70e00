import { createHash } from 'node:crypto';
import { AppError } from '../../errors';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type PrivacyKeys } from '../../platform/privacy/privacy-keys';
import { type SharedPrivacyKeys } from '../../platform/privacy/shared-privacy-keys';

/** Those of a domain who are not to come back. */
export interface ErasedOfDomain {
  /** Another one for another list. */
  readonly version: string;
  has(subjectId: string): boolean;
}

/**
 * The list of subjects that were erased, so that an old file or a late event does not bring them back. It holds pseudonyms
 * alone: whom they are of can be asked, and not read.
 */
export class ErasedSubjects {
  constructor(private readonly keys: SharedPrivacyKeys) {}

  /**
   * Those of a domain; null where nobody was erased. Until the transaction ends nobody else is: what is stored in it is
   * either judged by the list as it will be, or found by the erasure.
   * @throws AppError INVALID_CONFIGURATION when this process has another key than the list was made with
   */
  async ofDomain(scope: TenantScope, domain: string): Promise<ErasedOfDomain | null> {
    await scope.query('SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))', [
      lockName(scope, domain),
    ]);
    const rows = await scope.query<{ pseudonym: string; keyId: string; requestId: string }>(
      `SELECT pseudonym, key_id AS "keyId", request_id AS "requestId" FROM erased_subjects
        WHERE tenant_id = $1 AND domain = $2 ORDER BY pseudonym`,
      [scope.tenantId, domain],
    );
    if (rows.length === 0) return null;
    const keys = await this.keys.get();
    if (rows.some(({ keyId }) => keyId !== keys.pseudonymKeyId)) throw otherKey();
    const pseudonyms = new Set(rows.map(({ pseudonym }) => pseudonym));
    const version = createHash('sha256')
      .update(rows.map(({ pseudonym, requestId }) => pseudonym + requestId).join())
      .digest('hex');
    return { version, has: (subjectId) => pseudonyms.has(keys.pseudonym(scope.tenantId, subjectId.trim())) };
  }

  /** Adds a subject to the list of domains, in the transaction of the request. */
  static async add(
    scope: TenantScope,
    {
      keys,
      subjectId,
      domains,
      requestId,
    }: {
      readonly keys: PrivacyKeys;
      readonly subjectId: string;
      readonly domains: readonly string[];
      readonly requestId: string;
    },
  ): Promise<void> {
    for (const domain of [...domains].sort()) {
      await scope.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lockName(scope, domain)]);
      await scope.query(
        `INSERT INTO erased_subjects (tenant_id, domain, pseudonym, key_id, request_id) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, domain, pseudonym) DO NOTHING`,
        [scope.tenantId, domain, keys.pseudonym(scope.tenantId, subjectId), keys.pseudonymKeyId, requestId],
      );
    }
  }
}

function lockName(scope: TenantScope, domain: string): string {
  return `erased subjects ${scope.tenantId} ${domain}`;
}

function otherKey(): AppError {
  return new AppError(
    'INVALID_CONFIGURATION',
    'Subjects were erased with another privacy key than this process has: give all processes the same PROPENSITY_PRIVACY_KEY_FILE.',
  );
}
