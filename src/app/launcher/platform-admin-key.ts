import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generateKey } from '../../platform/tenancy/api-key';

/**
 * The platform administrator's key of an installation that was given none: made at the first start and kept
 * beside the data, readable by its owner alone.
 */
export async function platformAdminKey(dataDirectory: string): Promise<string> {
  const file = path.join(dataDirectory, 'platform-admin.key');
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const key = generateKey();
  await writeFile(file, `${key}\n`, { mode: 0o600, flag: 'wx' });
  await chmod(file, 0o600);
  return key;
}
