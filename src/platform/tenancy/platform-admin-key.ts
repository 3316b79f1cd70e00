import { randomUUID } from 'node:crypto';
import { withOwner } from '../persistence/owner-connection';
import { hashKey, prefixOf } from './api-key';

/** Marks the keys that come from the configuration. */
const NAME = 'configuration';

/**
 * Makes the configured key, and no other that was configured before, a platform administrator's. Runs as the owner
 * at start-up: the application role cannot make one.
 *
 * @param key `pk_` and 43 base64url characters; null: no configured key is valid any more
 */
export async function installPlatformAdminKey(ownerUrl: string, key: string | null): Promise<void> {
  const hash = key === null ? null : hashKey(key);
  await withOwner(ownerUrl, async (client) => {
    await client.query(
      `UPDATE api_keys SET revoked_at = now()
        WHERE role = 'PLATFORM_ADMIN' AND name = $1 AND revoked_at IS NULL AND hash IS DISTINCT FROM $2`,
      [NAME, hash],
    );
    if (key === null) return;
    await client.query(
      `INSERT INTO api_keys (id, role, name, prefix, hash) VALUES ($1, 'PLATFORM_ADMIN', $2, $3, $4)
       ON CONFLICT (hash) DO UPDATE SET revoked_at = NULL WHERE api_keys.revoked_at IS NOT NULL`,
      [randomUUID(), NAME, prefixOf(key), hash],
    );
  });
}
