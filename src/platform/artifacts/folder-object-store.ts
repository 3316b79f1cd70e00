import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { type Readable } from 'node:stream';
import { AppError, systemCodeOf } from '../../errors';
import { isUuid } from '../persistence/keyset';
import { removeOrphans, writeAtomically } from './atomic-file';
import { assertAddress, assertName, collected, IncomingContent, isAddress, notFound } from './content';
import { type DamageReport, NO_REPORT } from './damage-report';
import { type CopySource, type LocalCopies } from './local-copies';
import { IN_THE_CLEAR, type ObjectCiphers, type OpenContent } from './object-cipher';
import { type ObjectStore, type ObjectStores, type PutOptions, type StoredObject } from './object-store';
import { storageError } from './storage-errors';
import { StoredForm } from './stored-form';
import { VerifiedFiles } from './verified-files';

const READ_BYTES = 256 * 1024;

export interface FolderStoresOptions {
  readonly onDamage?: DamageReport;
  /** Without it, objects are stored in the clear. */
  readonly encryption?: {
    readonly ciphers: ObjectCiphers;
    /** Where programs read what is encrypted. */
    readonly copies: LocalCopies;
  };
}

/** What the stores of all tenants have in common. */
interface Shared {
  /** Folder of what is not finished. */
  readonly temporary: string;
  readonly verified: VerifiedFiles;
  /** Null: nothing is encrypted. */
  readonly copies: LocalCopies | null;
}

interface TenantObjects extends Shared {
  readonly tenantId: string;
  readonly folder: string;
  readonly form: StoredForm;
}

/** Objects in a folder that the API and every worker can reach; each tenant has a subfolder. */
export class FolderObjectStores implements ObjectStores {
  private readonly shared: Shared;

  private constructor(
    private readonly folder: string,
    private readonly options: FolderStoresOptions,
  ) {
    this.shared = {
      temporary: temporary(folder),
      verified: new VerifiedFiles(),
      copies: options.encryption?.copies ?? null,
    };
  }

  /**
   * Opens the store, makes its folder when absent and removes what killed processes left unfinished.
   * @throws AppError INVALID_CONFIGURATION when the folder cannot be written
   */
  static async open(folder: string, options: FolderStoresOptions = {}): Promise<FolderObjectStores> {
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
    return new FolderObjectStores(folder, options);
  }

  forTenant(tenantId: string): ObjectStore {
    // The tenant becomes a path: nothing but an id may.
    if (!isUuid(tenantId)) throw new TypeError('a tenant id is a UUID');
    const { onDamage = NO_REPORT, encryption } = this.options;
    const cipher = (encryption?.ciphers ?? IN_THE_CLEAR)(tenantId);
    return new FolderObjectStore({
      ...this.shared,
      tenantId,
      folder: path.join(this.folder, tenantId),
      form: new StoredForm({ tenantId, cipher, onDamage }),
    });
  }
}

class FolderObjectStore implements ObjectStore {
  constructor(private readonly own: TenantObjects) {}

  async put(content: Readable | Uint8Array, options: PutOptions = {}): Promise<StoredObject> {
    const incoming = new IncomingContent(content, options);
    let sha256 = '';
    await writeAtomically({
      temporary: this.own.temporary,
      chunks: this.own.form.ofContent(incoming.chunks(), () => (sha256 = incoming.address())),
      target: () => this.pathOf(sha256),
    });
    return { sha256, bytes: incoming.bytes };
  }

  async get(sha256: string): Promise<Uint8Array> {
    return collected((await this.content(sha256)).chunks);
  }

  async localPath(sha256: string): Promise<string> {
    const { copies, verified, tenantId, form } = this.own;
    const { isSealed, close } = await this.content(sha256);
    await close();
    if (isSealed && copies) return copies.get({ tenantId, sha256 }, () => this.content(sha256));
    const file = this.pathOf(sha256);
    const isWhole = await verified.has(file, sha256).catch((error: unknown) => {
      throw absentOr(error, sha256);
    });
    if (!isWhole) throw form.damage(sha256);
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
    this.own.verified.forget(file);
    await remove(file);
    await this.own.copies?.forget({ tenantId: this.own.tenantId, sha256 });
  }

  async putNamed(name: string, bytes: Uint8Array): Promise<void> {
    const target = this.pathOfNamed(name);
    await writeAtomically({
      temporary: this.own.temporary,
      chunks: this.own.form.ofNamed(bytes, name),
      target: () => target,
    });
  }

  async getNamed(name: string): Promise<Uint8Array | null> {
    const file = this.pathOfNamed(name);
    try {
      return await this.own.form.named(await stored(file, name), name);
    } catch (error) {
      if (error instanceof AppError && error.code === 'NOT_FOUND') return null;
      throw error;
    }
  }

  async deleteNamed(name: string): Promise<void> {
    await remove(this.pathOfNamed(name));
  }

  /** @throws AppError NOT_FOUND; its chunks throw UNAVAILABLE when they are not what was stored */
  private async content(sha256: string): Promise<OpenContent> {
    return this.own.form.content(await stored(this.pathOf(sha256), sha256), sha256);
  }

  private pathOf(sha256: string): string {
    assertAddress(sha256);
    return path.join(this.own.folder, 'objects', sha256.slice(0, 2), sha256);
  }

  private pathOfNamed(name: string): string {
    assertName(name);
    return path.join(this.own.folder, 'named', name);
  }
}

/** A file, opened when its chunks are read. @throws AppError NOT_FOUND; so do its chunks */
async function stored(file: string, what: string): Promise<CopySource> {
  const { size } = await fs.stat(file).catch((error: unknown) => {
    throw absentOr(error, what);
  });
  return { bytes: size, chunks: chunksOf(file, what) };
}

async function* chunksOf(file: string, what: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: READ_BYTES }))
      yield chunk as Uint8Array;
  } catch (error) {
    throw absentOr(error, what);
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
