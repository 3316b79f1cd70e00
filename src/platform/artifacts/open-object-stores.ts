import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config } from '../config/config';
import { FolderObjectStores } from './folder-object-store';
import { type ObjectStores } from './object-store';

/**
 * Opens the object store that the configuration names.
 * @throws AppError INVALID_CONFIGURATION when it cannot be written
 */
export async function openObjectStores(
  config: Pick<Config, 'artifactUrl' | 'dataDirectory'>,
): Promise<ObjectStores> {
  const { artifactUrl, dataDirectory } = config;
  return FolderObjectStores.open(
    artifactUrl === null ? path.join(dataDirectory, 'objects') : fileURLToPath(artifactUrl),
  );
}
