import { randomBytes, randomUUID } from 'node:crypto';
import { type TenantScope } from '../persistence/tenant-scope';
import { type MasterKeys } from './master-keys';
import { KEY_BYTES, seal, unseal } from './sealed';

/** Text before what is sealed; what does not begin with it was stored before there was encryption. */
const PREFIX = 'sealed:';

interface StoredKey {
  readonly id: string;
  readonly wrapped: Buffer;
  readonly masterKeyId: string;
}

/** A data key, unwrapped. */
export interface DataKey {
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * Each tenant's own data keys, wrapped by a master key. The newest seals, all open: the id of the key is stored with what it
 * sealed.
 */
export class TenantKeys {
  constructor(private readonly master: MasterKeys) {}

  /**
   * Encrypts a text for the scope's tenant.
   *
   * @param context what it is, such as `webhook <id>`: it opens in the same context, of the same tenant, alone
   * @throws AppError INVALID_CONFIGURATION when the master keys cannot be used
   */
  async seal(scope: TenantScope, text: string, context: string): Promise<string> {
    const { id, bytes } = await this.newest(scope);
    const sealed = seal(bytes, Buffer.from(text), contextOf(scope, context));
    return `${PREFIX}${id}:${sealed.toString('base64')}`;
  }

  /**
   * The text that was sealed; one from before there was encryption as it is.
   * @throws AppError INVALID_CONFIGURATION when the master keys cannot be used; Error when it was sealed elsewhere or changed
   */
  async open(scope: TenantScope, stored: string, context: string): Promise<string> {
    if (!isSealed(stored)) return stored;
    const [id = '', sealed = ''] = stored.slice(PREFIX.length).split(':');
    const key = await this.byId(scope, id);
    if (!key) throw new Error(`the tenant has no data key ${id}`);
    return unseal(key.bytes, Buffer.from(sealed, 'base64'), contextOf(scope, context)).toString();
  }

  /** Makes a new data key, which seals from now on; returns its id, and that of the one before, if any. */
  async rotate(scope: TenantScope): Promise<{ readonly id: string; readonly previous: string | null }> {
    await lock(scope);
    const previous = await this.stored(scope);
    const { id } = await this.make(scope);
    return { id, previous: previous?.id ?? null };
  }

  /**
   * The data key that seals, made when there is none.
   * @throws AppError INVALID_CONFIGURATION when the master keys cannot be used
   */
  async newest(scope: TenantScope): Promise<DataKey> {
    const stored = await this.stored(scope);
    if (stored) return this.unwrap(scope, stored);
    // Two at once would make two keys, which is harmless; one is tidier.
    await lock(scope);
    const made = await this.stored(scope);
    return made ? this.unwrap(scope, made) : this.make(scope);
  }

  /**
   * One of the tenant's data keys; null when it has none of this id.
   * @throws AppError INVALID_CONFIGURATION when the master keys cannot be used
   */
  async byId(scope: TenantScope, id: string): Promise<DataKey | null> {
    const [row] = await scope.query<StoredKey>(`${SELECT} AND id = $2`, [scope.tenantId, id]);
    return row ? this.unwrap(scope, row) : null;
  }

  private async stored(scope: TenantScope): Promise<StoredKey | null> {
    const [row] = await scope.query<StoredKey>(`${SELECT} ORDER BY sequence DESC LIMIT 1`, [scope.tenantId]);
    return row ?? null;
  }

  private async make(scope: TenantScope): Promise<DataKey> {
    const key = { id: randomUUID(), bytes: randomBytes(KEY_BYTES) };
    const master = await this.master.newest();
    await scope.query(
      'INSERT INTO tenant_keys (tenant_id, id, wrapped, master_key_id) VALUES ($1, $2, $3, $4)',
      [scope.tenantId, key.id, seal(master.bytes, key.bytes, wrapContext(scope.tenantId, key.id)), master.id],
    );
    return key;
  }

  private async unwrap({ tenantId }: TenantScope, { id, wrapped, masterKeyId }: StoredKey): Promise<DataKey> {
    const master = await this.master.byId(masterKeyId);
    return { id, bytes: unseal(master.bytes, wrapped, wrapContext(tenantId, id)) };
  }
}

const SELECT = 'SELECT id, wrapped, master_key_id AS "masterKeyId" FROM tenant_keys WHERE tenant_id = $1';

export function isSealed(stored: string): boolean {
  return stored.startsWith(PREFIX);
}

/** What a data key is bound to when it is wrapped. */
export function wrapContext(tenantId: string, keyId: string): string {
  return `data key ${keyId} of ${tenantId}`;
}

function contextOf({ tenantId }: TenantScope, context: string): string {
  return `${context} of ${tenantId}`;
}

async function lock(scope: TenantScope): Promise<void> {
  await scope.query(`SELECT pg_advisory_xact_lock(hashtextextended('tenant keys ' || $1, 0))`, [
    scope.tenantId,
  ]);
}
