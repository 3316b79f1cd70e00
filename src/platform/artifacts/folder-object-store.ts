import fs from 'node:fs/promises';
import path from 'node:path';
import { type Readable } from 'node:stream';
import { AppError, systemCodeOf } from '../../errors';
import { isUuid } from '../persistence/keyset';
import { removeOrphans, writeAtomically } from './atomic-file';
import {
  assertAddress,
  assertName,
  behindDigest,
  digestOf,
  IncomingContent,
  isAddress,
  notFound,
  sha256Of,
} from './content';
import { DamagedObjectError, type DamageReport, NO_REPORT } from './damage-report';
import { type ObjectStore, type ObjectStores, type PutOptions, type StoredObject } from './object-store';
import { storageError } from './storage-errors';
import { VerifiedFiles } from './verified-files';

/** What the stores of all tenants have in common. */
interface Shared {
  /** Folder of what is not finished. */
  readonly temporary: string;
  readonly verified: VerifiedFiles;
  readonly onDamage: DamageReport;
}

/** Objects in a folder that the API and every worker can reach; each tenant has a subfolder. */
export class FolderObjectStores implements ObjectStores {
  private readonly shared: Shared;

  private constructor(
    private readonly folder: string,
    onDamage: DamageReport,
  ) {
    this.shared = { temporary: temporary(folder), verified: new VerifiedFiles(), onDamage };
  }

  /**
   * Opens the store, makes its folder when absent and removes what killed processes left unfinished.
   * @throws AppError INVALID_CONFIGURATION when the folder cannot be written
   */
  static async open(folder: string, onDamage: DamageReport = NO_REPORT): Promise<FolderObjectStores> {
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
    return new FolderObjectStores(folder, onDamage);
  }

  forTenant(tenantId: string): ObjectStore {
    // The tenant becomes a path: nothing but an id may.
    if (!isUuid(tenantId)) throw new TypeError('a tenant id is a UUID');
    return new FolderObjectStore(path.join(this.folder, tenantId), this.shared);
  }
}

class FolderObjectStore implements ObjectStore {
  constructor(
    private readonly folder: string,
    private readonly shared: Shared,
  ) {}

  async put(content: Readable | Uint8Array, options: PutOptions = {}): Promise<StoredObject> {
    const incoming = new IncomingContent(content, options);
    let sha256 = '';
    await writeAtomically({
      temporary: this.shared.temporary,
      chunks: incoming.chunks(),
      target: () => {
        sha256 = incoming.address();
        return this.pathOf(sha256);
      },
    });
    return { sha256, bytes: incoming.bytes };
  }

  async get(sha256: string): Promise<Uint8Array> {
    const bytes = await this.read(this.pathOf(sha256), sha256);
    if (sha256Of(bytes) !== sha256) throw this.damage(sha256);
    return bytes;
  }

  async localPath(sha256: string): Promise<string> {
    const file = this.pathOf(sha256);
    const isWhole = await this.shared.verified.has(file, sha256).catch((error: unknown) => {
      throw absentOr(error, sha256);
    });
    if (!isWhole) throw this.damage(sha256);
    return file;
  }

  async has(sha256: string): Promise<boolean> {
    if (!isAddress(sha256)) return false;
    try {
      await fs.access(this.pathOf(sha256));
      return true;
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return false;
      throw storageError(error);
    }
  }

  async delete(sha256: string): Promise<void> {
    if (!isAddress(sha256)) return;
    const file = this.pathOf(sha256);
    this.shared.verified.forget(file);
    await remove(file);
  }

  async putNamed(name: string, bytes: Uint8Array): Promise<void> {
    const target = this.pathOfNamed(name);
    await writeAtomically({
      temporary: this.shared.temporary,
      chunks: [digestOf(bytes), bytes],
      target: () => target,
    });
  }

  async getNamed(name: string): Promise<Uint8Array | null> {
    const stored = await this.read(this.pathOfNamed(name), name).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'NOT_FOUND') return null;
      throw error;
    });
    if (stored === null) return null;
    const bytes = behindDigest(stored);
    if (bytes === null) this.damage(name);
    return bytes;
  }

  async deleteNamed(name: string): Promise<void> {
    await remove(this.pathOfNamed(name));
  }

  private async read(file: string, what: string): Promise<Uint8Array> {
    try {
      return await fs.readFile(file);
    } catch (error) {
      throw absentOr(error, what);
    }
  }

  private damage(object: string): AppError {
    this.shared.onDamage({ tenantId: path.basename(this.folder), object });
    return new DamagedObjectError(object);
  }

  private pathOf(sha256: string): string {
    assertAddress(sha256);
    return path.join(this.folder, 'objects', sha256.slice(0, 2), sha256);
  }

  private pathOfNamed(name: string): string {
    assertName(name);
    return path.join(this.folder, 'named', name);
  }
}

async function remove(file: string): Promise<void> {
  await fs.rm(file, { force: true }).catch((error: unknown) => {
    throw storageError(error);
  });
}

function temporary(folder: string): string {
  return path.join(folder, 'unfinished');
}

function absentOr(error: unknown, what: string): unknown {
  return systemCodeOf(error) === 'ENOENT' ? notFound(what) : storageError(error);
}
