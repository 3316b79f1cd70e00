import path from 'node:path';
import { FolderObjectStores } from '../../../src/platform/artifacts/folder-object-store';

/** Puts a small file into the object store that workers with this data folder use; returns its content address. */
export async function storeDataset(dataDirectory: string, tenantId: string): Promise<string> {
  const objects = await FolderObjectStores.open(path.join(dataDirectory, 'objects'));
  const { sha256 } = await objects.forTenant(tenantId).put(Buffer.from('id,label\n1,0\n2,1\n'));
  return sha256;
}
