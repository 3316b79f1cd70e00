import { unreferenced } from '../unreferenced';
import { namesOf } from './erase-datasets';
import { type ErasureRun } from './erasure-run';

/** Removes the objects that were replaced: nothing refers to them any more, unless something else has the same content. */
export async function deleteGarbage({ database, request, store, lease }: ErasureRun): Promise<void> {
  const { garbage, datasets } = await lease.step((_scope, progress) => Promise.resolve(progress));
  const gone = await database.inTenant(request.tenantId, (scope) => unreferenced(scope, garbage));
  for (const digest of gone) await store.delete(digest);
  for (const { datasetId } of datasets) await store.deleteNamed(namesOf(request.id, datasetId));
}
