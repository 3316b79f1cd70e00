import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, systemCodeOf } from '../../errors';
import { type Config } from '../config/config';
import { KEY_BYTES } from './sealed';

/** A key that wraps others. */
export interface MasterKey {
  /** Of the key: SHA-256, the first 16 hexadecimal digits. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** What keys of tenants are wrapped with: the first wraps, all unwrap. */
export type MasterKeySettings = Pick<Config, 'masterKey' | 'masterKeyFile' | 'dataDirectory'>;

/**
 * The master keys of an installation, from the environment or a file: 32 bytes in base64 each, one a line, the newest first. The
 * file is made at the first need; it is read again when a key is asked for that is not known, because another process may have
 * rotated it.
 */
export class MasterKeys {
  /** Null where the keys are in the environment. */
  private readonly file: string | null;
  private known: readonly MasterKey[] = [];

  constructor(private readonly settings: MasterKeySettings) {
    const { masterKey, masterKeyFile, dataDirectory } = settings;
    this.file = masterKey === null ? (masterKeyFile ?? path.join(dataDirectory, 'master-keys')) : null;
  }

  /** What new keys are wrapped with. @throws AppError INVALID_CONFIGURATION when the keys can be neither read nor made */
  async newest(): Promise<MasterKey> {
    const [key] = this.known.length > 0 ? this.known : await this.load();
    if (!key) throw unusable(this.file, 'it has no key');
    return key;
  }

  /** @throws AppError INVALID_CONFIGURATION when there is no such key */
  async byId(id: string): Promise<MasterKey> {
    const matches = (key: MasterKey): boolean => key.id === id;
    const key = this.known.find(matches) ?? (await this.load()).find(matches);
    if (!key) throw unusable(this.file, `the key ${id}, which was in use before, is not among them`);
    return key;
  }

  /**
   * Puts a new key before the others in the file, which keep their place.
   * @throws AppError INVALID_CONFIGURATION where the keys are in the environment, which is the operator's to change
   */
  async rotate(): Promise<MasterKey> {
    if (this.file === null)
      throw new AppError(
        'INVALID_CONFIGURATION',
        'the master keys are in PROPENSITY_MASTER_KEY: put a new one before the others there, separated by a comma, restart every process, and call this again with --rewrap',
      );
    const lines = (await this.load()).map(({ bytes }) => bytes.toString('base64'));
    const text = `${[randomBytes(KEY_BYTES).toString('base64'), ...lines].join('\n')}\n`;
    const unfinished = await writeBeside(this.file, text);
    await rename(unfinished, this.file);
    this.known = [];
    return this.newest();
  }

  private async load(): Promise<readonly MasterKey[]> {
    this.known = parse((await this.text()) ?? '', this.file);
    return this.known;
  }

  private async text(): Promise<string | null> {
    if (this.file === null) return this.settings.masterKey;
    try {
      const text = await textOf(this.file);
      if (text !== null) return text;
      await make(this.file);
      return await textOf(this.file);
    } catch (error) {
      throw unusable(this.file, systemCodeOf(error) || 'it cannot be read');
    }
  }
}

function parse(text: string, file: string | null): MasterKey[] {
  return text
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map((word) => {
      const bytes = Buffer.from(word, 'base64');
      if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== word)
        throw unusable(file, 'a key is not 32 bytes in base64');
      return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 16), bytes };
    });
}

async function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw error;
  });
}

/** Of several processes that begin at once, one makes the file, and all read it. */
async function make(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const unfinished = await writeBeside(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
  try {
    await link(unfinished, file).catch((error: unknown) => {
      if (systemCodeOf(error) !== 'EEXIST') throw error;
    });
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function writeBeside(file: string, text: string): Promise<string> {
  const unfinished = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(unfinished, text, { mode: 0o600, flag: 'wx' });
  return unfinished;
}

function unusable(file: string | null, reason: string): AppError {
  const where = file === null ? 'PROPENSITY_MASTER_KEY' : file;
  return new AppError(
    'INVALID_CONFIGURATION',
    `the master keys in ${where} cannot be used (${reason}): restore them, or set PROPENSITY_MASTER_KEY_FILE to where they are`,
  );
}
