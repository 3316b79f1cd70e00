import { type ObjectStore } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { unreferenced } from './unreferenced';

/** Removes an object that was stored for something that did not come about, unless something else of the tenant has it. */
export async function removeUnreferenced(
  database: Database,
  store: Pick<ObjectStore, 'delete'>,
  { tenantId, sha256 }: { readonly tenantId: string; readonly sha256: string },
): Promise<void> {
  const gone = await database.inTenant(tenantId, (scope) => unreferenced(scope, [sha256]));
  for (const digest of gone) await store.delete(digest);
}
