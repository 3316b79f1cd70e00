import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config } from '../config/config';
import { type Database } from '../persistence/database';
import { type Logger } from '../telemetry/logger';
import { FolderObjectStores } from './folder-object-store';
import { LocalCopies } from './local-copies';
import { type ObjectStores } from './object-store';
import { checkKeys, openCiphers } from './open-ciphers';
import { S3ObjectStores } from './s3/s3-object-store';

export type ObjectStoresConfig = Pick<
  Config,
  | 'artifactUrl'
  | 'dataDirectory'
  | 's3Endpoint'
  | 's3Region'
  | 's3PathStyle'
  | 'copiesBytes'
  | 'masterKey'
  | 'masterKeyFile'
>;

export interface OpenObjectStoresOptions {
  /** Where the tenants' keys are. */
  readonly database: Pick<Database, 'inTenant'>;
  readonly logger: Logger;
  /** Whether the process executes one job and ends: its parent has seen that the store works. */
  readonly executesOneJob?: boolean;
}

/**
 * Opens the object store that the configuration names. Damaged objects are told in the log.
 * @throws AppError INVALID_CONFIGURATION when it cannot be written or there are no keys for it, UNAVAILABLE when it cannot be reached
 */
export async function openObjectStores(
  config: ObjectStoresConfig,
  { database, logger, executesOneJob = false }: OpenObjectStoresOptions,
): Promise<ObjectStores> {
  const { artifactUrl, dataDirectory } = config;
  const onDamage = (damage: object): void =>
    logger.error(damage, 'a stored object is damaged: restore it from a backup');
  const ciphers = openCiphers(config, { database, logger });
  const copies = await LocalCopies.open({
    folder: path.join(dataDirectory, 'cache'),
    maxBytes: config.copiesBytes,
    holds: executesOneJob,
  });
  if (!executesOneJob) await checkKeys(config, { logger });
  if (artifactUrl?.startsWith('s3:') !== true) {
    const folder = artifactUrl === null ? path.join(dataDirectory, 'objects') : fileURLToPath(artifactUrl);
    return FolderObjectStores.open(folder, { onDamage, encryption: { ciphers, copies } });
  }
  const { hostname, pathname } = new URL(artifactUrl);
  const words = pathname.split('/').filter((word) => word !== '');
  const stores = await S3ObjectStores.open({
    bucket: hostname,
    prefix: words.map((word) => `${word}/`).join(''),
    endpoint: config.s3Endpoint,
    region: config.s3Region,
    pathStyle: config.s3PathStyle === 'auto' ? config.s3Endpoint !== null : config.s3PathStyle === 'true',
    copies,
    ciphers,
    onDamage,
  });
  if (!executesOneJob) await stores.check();
  return stores;
}
