import { type Config } from '../config/config';
import { MasterKeys } from '../encryption/master-keys';
import { ObjectKeys } from '../encryption/object-keys';
import { TenantKeys } from '../encryption/tenant-keys';
import { type Database } from '../persistence/database';
import { type Logger } from '../telemetry/logger';
import { type ObjectCiphers, objectCiphers } from './object-cipher';

export type CiphersConfig = Pick<Config, 'artifactUrl' | 'dataDirectory' | 'masterKey' | 'masterKeyFile'>;

export interface OpenCiphersOptions {
  readonly database: Pick<Database, 'inTenant'>;
  readonly logger: Logger;
}

/** What encrypts objects, and opens those that are encrypted. */
export function openCiphers(config: CiphersConfig, { database, logger }: OpenCiphersOptions): ObjectCiphers {
  const onUnusable = (error: Error): void =>
    logger.error({ error: error.message }, 'the encryption keys of stored objects cannot be used');
  const keys = new TenantKeys(new MasterKeys(config));
  return objectCiphers(new ObjectKeys({ database, keys, onUnusable }), { seals: encryptsObjects(config) });
}

/**
 * Sees that new objects can be encrypted, where they are to be.
 * @throws AppError INVALID_CONFIGURATION when the master keys cannot be used
 */
export async function checkKeys(
  config: CiphersConfig,
  { logger }: Pick<OpenCiphersOptions, 'logger'>,
): Promise<void> {
  if (encryptsObjects(config)) await new MasterKeys(config).newest();
  else
    logger.warn(
      'objects are stored in the clear: name the master keys, the same for the API and every worker, by PROPENSITY_MASTER_KEY or PROPENSITY_MASTER_KEY_FILE',
    );
}

/**
 * Whether new objects are encrypted: where every process that has the objects has the master keys as well. Those keys are named
 * by the configuration, or lie in the data directory beside the objects.
 */
function encryptsObjects({ artifactUrl, masterKey, masterKeyFile }: CiphersConfig): boolean {
  return artifactUrl === null || masterKey !== null || masterKeyFile !== null;
}
