import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config } from '../config/config';
import { type Logger } from '../telemetry/logger';
import { FolderObjectStores } from './folder-object-store';
import { LocalCopies } from './local-copies';
import { type ObjectStores } from './object-store';
import { S3ObjectStores } from './s3/s3-object-store';

export type ObjectStoresConfig = Pick<
  Config,
  'artifactUrl' | 'dataDirectory' | 's3Endpoint' | 's3Region' | 's3PathStyle' | 'copiesBytes'
>;

export interface OpenObjectStoresOptions {
  readonly logger: Logger;
  /** Whether the process executes one job and ends: its parent has seen that the store works. */
  readonly executesOneJob?: boolean;
}

/**
 * Opens the object store that the configuration names. Damaged objects are told in the log.
 * @throws AppError INVALID_CONFIGURATION when it cannot be written, UNAVAILABLE when it cannot be reached
 */
export async function openObjectStores(
  config: ObjectStoresConfig,
  { logger, executesOneJob = false }: OpenObjectStoresOptions,
): Promise<ObjectStores> {
  const { artifactUrl, dataDirectory } = config;
  const onDamage = (damage: object): void =>
    logger.error(damage, 'a stored object is damaged: restore it from a backup');
  if (artifactUrl?.startsWith('s3:') !== true) {
    const folder = artifactUrl === null ? path.join(dataDirectory, 'objects') : fileURLToPath(artifactUrl);
    return FolderObjectStores.open(folder, onDamage);
  }
  const copies = await LocalCopies.open({
    folder: path.join(dataDirectory, 'cache'),
    maxBytes: config.copiesBytes,
    holds: executesOneJob,
  });
  const { hostname, pathname } = new URL(artifactUrl);
  const words = pathname.split('/').filter((word) => word !== '');
  const stores = await S3ObjectStores.open({
    bucket: hostname,
    prefix: words.map((word) => `${word}/`).join(''),
    endpoint: config.s3Endpoint,
    region: config.s3Region,
    pathStyle: config.s3PathStyle === 'auto' ? config.s3Endpoint !== null : config.s3PathStyle === 'true',
    copies,
    onDamage,
  });
  if (!executesOneJob) await stores.check();
  return stores;
}
