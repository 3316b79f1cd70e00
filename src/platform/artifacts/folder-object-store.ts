import { createHash, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, systemCodeOf } from '../../errors';
import { isUuid } from '../persistence/keyset';
import { removeOrphans, writeAtomically } from './atomic-file';
import { storageError } from './storage-errors';
import { type ObjectStore, type ObjectStores, type PutOptions, type StoredObject } from './object-store';

const SHA256 = /^[0-9a-f]{64}$/;
/** Segments that are plain words: no name leads out of its folder. */
const NAME = /^[A-Za-z0-9][\w.-]{0,127}(\/[A-Za-z0-9][\w.-]{0,127})*$/;
const DIGEST_BYTES = 32;

/** Objects in a folder that the API and every worker can reach; each tenant has a subfolder. */
export class FolderObjectStores implements ObjectStores {
  private constructor(private readonly folder: string) {}

  /**
   * Opens the store, makes its folder when absent and removes what killed processes left unfinished.
   * @throws AppError INVALID_CONFIGURATION when the folder cannot be written
   */
  static async open(folder: string): Promise<FolderObjectStores> {
    try {
      await fs.mkdir(temporary(folder), { recursive: true, mode: 0o700 });
      await removeOrphans(temporary(folder));
      // Existing folders say nothing about whether they can be written.
      await fs.rmdir(await fs.mkdtemp(path.join(temporary(folder), 'check-')));
    } catch (error) {
      throw new AppError(
        'INVALID_CONFIGURATION',
        `the object store's folder ${folder} cannot be written (${systemCodeOf(error)}): make it writable, or set ARTIFACT_URL or PROPENSITY_DATA_DIRECTORY to a folder that is`,
        [],
        { cause: error },
      );
    }
    return new FolderObjectStores(folder);
  }

  forTenant(tenantId: string): ObjectStore {
    // The tenant becomes a path: nothing but an id may.
    if (!isUuid(tenantId)) throw new TypeError('a tenant id is a UUID');
    return new FolderObjectStore(path.join(this.folder, tenantId), temporary(this.folder));
  }
}

class FolderObjectStore implements ObjectStore {
  /** Files whose content was found to match their name, with the state they had then. */
  private static readonly verified = new Map<string, string>();

  constructor(
    private readonly folder: string,
    private readonly temporary: string,
  ) {}

  async put(content: Readable | Uint8Array, options: PutOptions = {}): Promise<StoredObject> {
    const source = content instanceof Readable ? content : Readable.from([content], { objectMode: false });
    // A stream that breaks before it is read would end the process; reading it reports the error as well.
    source.on('error', () => undefined);
    const digest = createHash('sha256');
    let bytes = 0;
    let sha256 = '';
    await writeAtomically({
      temporary: this.temporary,
      chunks: counted(source, options.maxBytes, (chunk) => {
        digest.update(chunk);
        bytes += chunk.length;
      }),
      target: () => {
        sha256 = digest.digest('hex');
        if (options.expectedSha256 !== undefined && options.expectedSha256 !== sha256) {
          throw new AppError(
            'INVALID_DATA',
            `the content's SHA-256 is ${sha256} and not ${options.expectedSha256}: it was damaged on the way, send it again`,
          );
        }
        return this.pathOf(sha256);
      },
    });
    return { sha256, bytes };
  }

  async get(sha256: string): Promise<Uint8Array> {
    const bytes = await this.read(this.pathOf(sha256), sha256);
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw damaged(sha256);
    return bytes;
  }

  async localPath(sha256: string): Promise<string> {
    const file = this.pathOf(sha256);
    try {
      const { size, mtimeMs, ino } = await fs.stat(file);
      const state = `${size} ${mtimeMs} ${ino}`;
      if (FolderObjectStore.verified.get(file) === state) return file;
      const digest = createHash('sha256');
      await pipeline(createReadStream(file), digest);
      if (digest.digest('hex') !== sha256) throw damaged(sha256);
      FolderObjectStore.verified.set(file, state);
      return file;
    } catch (error) {
      throw absentOr(error, sha256);
    }
  }

  async has(sha256: string): Promise<boolean> {
    if (!SHA256.test(sha256)) return false;
    try {
      await fs.access(this.pathOf(sha256));
      return true;
    } catch {
      return false;
    }
  }

  async delete(sha256: string): Promise<void> {
    if (!SHA256.test(sha256)) return;
    const file = this.pathOf(sha256);
    FolderObjectStore.verified.delete(file);
    await fs.rm(file, { force: true }).catch((error: unknown) => {
      throw storageError(error);
    });
  }

  async putNamed(name: string, bytes: Uint8Array): Promise<void> {
    const target = this.pathOfNamed(name);
    const digest = createHash('sha256').update(bytes).digest();
    await writeAtomically({ temporary: this.temporary, chunks: [digest, bytes], target: () => target });
  }

  async getNamed(name: string): Promise<Uint8Array | null> {
    const stored = await this.read(this.pathOfNamed(name), name).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'NOT_FOUND') return null;
      throw error;
    });
    if (stored === null || stored.length < DIGEST_BYTES) return null;
    const bytes = stored.subarray(DIGEST_BYTES);
    const digest = createHash('sha256').update(bytes).digest();
    return timingSafeEqual(digest, stored.subarray(0, DIGEST_BYTES)) ? bytes : null;
  }

  async deleteNamed(name: string): Promise<void> {
    await fs.rm(this.pathOfNamed(name), { force: true }).catch((error: unknown) => {
      throw storageError(error);
    });
  }

  private async read(file: string, what: string): Promise<Uint8Array> {
    try {
      return await fs.readFile(file);
    } catch (error) {
      throw absentOr(error, what);
    }
  }

  private pathOf(sha256: string): string {
    if (!SHA256.test(sha256)) throw notFound(sha256);
    return path.join(this.folder, 'objects', sha256.slice(0, 2), sha256);
  }

  private pathOfNamed(name: string): string {
    if (!NAME.test(name)) throw new TypeError(`"${name}" cannot be an object's name`);
    return path.join(this.folder, 'named', name);
  }
}

function temporary(folder: string): string {
  return path.join(folder, 'unfinished');
}

/** Passes the source's bytes on until they are too many. The source is left open: it is its owner's to end. */
async function* counted(
  source: Readable,
  maxBytes: number | undefined,
  onChunk: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    const bytes: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
    total += bytes.length;
    if (maxBytes !== undefined && total > maxBytes) {
      throw new AppError(
        'PAYLOAD_TOO_LARGE',
        `the content is larger than the limit of ${maxBytes} bytes: send less`,
      );
    }
    onChunk(bytes);
    yield bytes;
  }
}

function absentOr(error: unknown, what: string): unknown {
  return systemCodeOf(error) === 'ENOENT' ? notFound(what) : storageError(error);
}

function notFound(what: string): AppError {
  return new AppError('NOT_FOUND', `the object "${what}" is not stored`);
}

function damaged(sha256: string): AppError {
  return new AppError('UNAVAILABLE', `the stored object ${sha256} is damaged: restore it from a backup`);
}
