import { AppError } from '../../errors';
import { type Database } from '../persistence/database';
import { type TenantScope } from '../persistence/tenant-scope';
import { type ObjectKey } from './object-frames';
import { type TenantKeys } from './tenant-keys';

/** How long a process goes on with a key after another has made a new one. */
const NEWEST_FOR_MS = 60_000;
const REMEMBERED = 10_000;

export interface ObjectKeysOptions {
  readonly database: Pick<Database, 'inTenant'>;
  readonly keys: TenantKeys;
  /** Told why keys cannot be used: who asks for an object learns only that they cannot. */
  readonly onUnusable: (error: AppError) => void;
  readonly now?: () => number;
}

/** Tenants' data keys for what is in the object store, remembered: objects are read far more often than keys are made. */
export class ObjectKeys {
  private readonly newest = new Map<string, { readonly key: ObjectKey; readonly at: number }>();
  private readonly byId = new Map<string, ObjectKey>();
  private readonly now: () => number;

  constructor(private readonly options: ObjectKeysOptions) {
    this.now = options.now ?? Date.now;
  }

  /** What objects of a tenant are sealed with. @throws AppError UNAVAILABLE when keys can be neither read nor made */
  async sealing(tenantId: string): Promise<ObjectKey> {
    const known = this.newest.get(tenantId);
    if (known && this.now() - known.at < NEWEST_FOR_MS) return known.key;
    const at = this.now();
    const key = await this.read(tenantId, (scope) => this.options.keys.newest(scope));
    remember(this.newest, tenantId, { key, at });
    return key;
  }

  /** A tenant's data key; null when it has none of this id. @throws AppError UNAVAILABLE when keys cannot be read */
  async opening(tenantId: string, id: string): Promise<ObjectKey | null> {
    const name = `${tenantId} ${id}`;
    const known = this.byId.get(name);
    if (known) return known;
    const key = await this.read(tenantId, (scope) => this.options.keys.byId(scope, id));
    if (key) remember(this.byId, name, key);
    return key;
  }

  /** An operator's mistake is an outage to whoever asks: it passes when the keys are restored, and says nothing of where they are. */
  private async read<T>(tenantId: string, work: (scope: TenantScope) => Promise<T>): Promise<T> {
    try {
      return await this.options.database.inTenant(tenantId, work);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'INVALID_CONFIGURATION') throw error;
      this.options.onUnusable(error);
      throw new AppError(
        'UNAVAILABLE',
        'the encryption keys of stored objects cannot be used: whoever runs the platform has to restore them',
        [],
        { cause: error },
      );
    }
  }
}

function remember<V>(map: Map<string, V>, name: string, value: V): void {
  map.delete(name);
  map.set(name, value);
  if (map.size > REMEMBERED) map.delete(map.keys().next().value ?? '');
}
