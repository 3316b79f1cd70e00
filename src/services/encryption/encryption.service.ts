import { recordChange } from '../../platform/audit/record-change';
import { type TenantKeys } from '../../platform/encryption/tenant-keys';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { resealWebhooks } from '../monitoring/webhooks/webhook-secrets';
import { checkName } from '../name-input';

export interface RotatedKey {
  /** Id of the data key that seals from now on. */
  readonly keyId: string;
  /** Of the one before; null where there was none. */
  readonly previousKeyId: string | null;
  /** Secrets that were sealed again. */
  readonly resealed: number;
}

/** A tenant's own data key. */
export class EncryptionService {
  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly keys: TenantKeys,
  ) {}

  /**
   * Makes a new data key and seals with it again what the one before had sealed.
   *
   * @param note why, for the audit log
   * @throws AppError BAD_USER_INPUT for a note that is too long
   */
  async rotate(ctx: TenantContext, note: string | null): Promise<RotatedKey> {
    const reason = note === null ? null : checkName(note, 'note');
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const { id, previous } = await this.keys.rotate(scope);
      const resealed = await resealWebhooks(scope, this.keys);
      recordChange(scope, ctx, {
        action: 'ENCRYPTION_KEY_ROTATED',
        objectId: scope.tenantId,
        before: { keyId: previous },
        after: { keyId: id, resealed, note: reason },
      });
      return { keyId: id, previousKeyId: previous, resealed };
    });
  }
}
