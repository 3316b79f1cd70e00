import { bySystem, recordChange } from '../audit/record-change';
import { type Database } from '../persistence/database';
import { type MasterKeys } from './master-keys';
import { seal, unseal } from './sealed';
import { wrapContext } from './tenant-keys';

interface WrappedKey {
  readonly id: string;
  readonly wrapped: Buffer;
  readonly masterKeyId: string;
}

/**
 * Wraps a tenant's data keys with the newest master key: what they sealed stays as it is. It is written into the tenant's audit log.
 * @returns how many were wrapped by another before
 * @throws AppError INVALID_CONFIGURATION when a master key that is in use is not there
 */
export async function rewrapKeys(
  database: Pick<Database, 'inTenant'>,
  master: MasterKeys,
  { tenantId, requestId }: { readonly tenantId: string; readonly requestId: string },
): Promise<number> {
  const newest = await master.newest();
  return database.inTenant(tenantId, async (scope) => {
    const keys = await scope.query<WrappedKey>(
      `SELECT id, wrapped, master_key_id AS "masterKeyId" FROM tenant_keys
        WHERE tenant_id = $1 AND master_key_id <> $2 FOR UPDATE`,
      [tenantId, newest.id],
    );
    for (const { id, wrapped, masterKeyId } of keys) {
      const context = wrapContext(tenantId, id);
      const key = unseal((await master.byId(masterKeyId)).bytes, wrapped, context);
      await scope.query(
        'UPDATE tenant_keys SET wrapped = $3, master_key_id = $4 WHERE tenant_id = $1 AND id = $2',
        [tenantId, id, seal(newest.bytes, key, context), newest.id],
      );
    }
    if (keys.length > 0)
      recordChange(scope, bySystem(requestId), {
        action: 'MASTER_KEY_ROTATED',
        objectId: tenantId,
        before: { masterKeyIds: [...new Set(keys.map(({ masterKeyId }) => masterKeyId))] },
        after: { masterKeyId: newest.id, keys: keys.length },
      });
    return keys.length;
  });
}
