import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError, systemCodeOf } from '../../errors';
import { discard, moveInPlace, removeOrphans, writeUnfinished } from './atomic-file';
import { storageError } from './storage-errors';
import { VerifiedFiles } from './verified-files';

/** A copy that was used so recently may be in use, and makes room for no other. */
const IN_USE_MS = 30 * 60 * 1000;
/** A copy that was not used for so long goes, so that what was deleted elsewhere does not stay here. */
const KEPT_MS = 60 * 60 * 1000;
const TENDED_EVERY_MS = 60 * 1000;
const MOST_FETCHES = 3;
const CONTENT = 'content';

/** Which object a copy is of. */
export interface CopyKey {
  /** UUID. */
  readonly tenantId: string;
  readonly sha256: string;
}

/** Where a copy comes from when there is none. */
export interface CopySource {
  /** Bytes that it will take. */
  readonly bytes: number;
  /** Throws when what has come is not the object. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface LocalCopiesOptions {
  /** Shared by all processes of this machine. */
  readonly folder: string;
  /** What copies may take together; those that may be in use are kept all the same. */
  readonly maxBytes: number;
  /**
   * Whether copies that were handed out count as in use until this process ends: for one that executes a single job.
   * Otherwise they do for half an hour after they were last asked for.
   */
  readonly holds?: boolean;
}

/**
 * Verified copies of objects on this machine's disk, for programs that read files. Each is a folder whose time of
 * change is when it was last asked for, with the content in it. The one that was longest not asked for makes room.
 */
export class LocalCopies {
  private readonly verified = new VerifiedFiles();
  private readonly fetching = new Map<string, Promise<void>>();
  private readonly held = new Set<string>();

  private constructor(private readonly options: LocalCopiesOptions) {}

  /**
   * Opens the folder, makes it when absent, and removes what nobody needs any more.
   * @throws AppError INVALID_CONFIGURATION when it cannot be written
   */
  static async open(options: LocalCopiesOptions): Promise<LocalCopies> {
    const copies = new LocalCopies(options);
    try {
      await fs.mkdir(copies.temporary, { recursive: true, mode: 0o700 });
      await removeOrphans(copies.temporary);
      await fs.rmdir(await fs.mkdtemp(path.join(copies.temporary, 'check-')));
      await copies.tend();
    } catch (error) {
      throw new AppError(
        'INVALID_CONFIGURATION',
        `the folder ${options.folder} of copies from the object store cannot be written (${systemCodeOf(error)}): make it writable, or set PROPENSITY_DATA_DIRECTORY to a folder that is`,
        [],
        { cause: error },
      );
    }
    setInterval(() => void copies.tend().catch(() => undefined), TENDED_EVERY_MS).unref();
    return copies;
  }

  /**
   * A file with the content, fetched when there is none here or it is damaged. It must not be changed.
   * @throws what `fetch` and its chunks throw; AppError UNAVAILABLE when the disk does not keep it
   */
  async get(key: CopyKey, fetch: () => Promise<CopySource>): Promise<string> {
    const folder = this.folderOf(key);
    const file = path.join(folder, CONTENT);
    for (let fetches = 0; ; fetches++) {
      const isHere = await this.verified.has(file, key.sha256).catch((error: unknown) => {
        if (systemCodeOf(error) === 'ENOENT') return false;
        throw storageError(error);
      });
      if (isHere && (await this.use(folder))) return file;
      if (fetches === MOST_FETCHES) throw new AppError('UNAVAILABLE', `the disk does not keep ${key.sha256}`);
      let fetching = this.fetching.get(file);
      if (!fetching) {
        fetching = this.fetch(key, fetch).finally(() => this.fetching.delete(file));
        this.fetching.set(file, fetching);
      }
      await fetching;
    }
  }

  /**
   * Writes what is on its way into the store to a file of its own, to be adopted or discarded.
   * @throws what the chunks throw; AppError UNAVAILABLE when the disk does not take it
   */
  spool(chunks: AsyncIterable<Uint8Array>): Promise<string> {
    return writeUnfinished(this.temporary, chunks);
  }

  /** Makes a spooled file a copy: what was stored here is likely to be read here. */
  async adopt(spooled: string, key: CopyKey): Promise<void> {
    await this.moveIn(spooled, key).catch(() => discard(spooled));
    await this.makeRoom(0);
  }

  async forget(key: CopyKey): Promise<void> {
    const folder = this.folderOf(key);
    this.held.delete(folder);
    this.verified.forget(path.join(folder, CONTENT));
    await fs.rm(folder, { recursive: true, force: true }).catch((error: unknown) => {
      throw storageError(error);
    });
  }

  /** Renews what this process holds, and removes what nobody asked for in a long time. */
  async tend(now = Date.now()): Promise<void> {
    for (const folder of this.held) await touch(folder);
    for (const copy of await this.all()) {
      if (now - copy.usedAt > KEPT_MS) await remove(copy.folder);
    }
    await this.makeRoom(0, now);
  }

  private async fetch(key: CopyKey, fetch: () => Promise<CopySource>): Promise<void> {
    const { bytes, chunks } = await fetch();
    await this.makeRoom(bytes);
    const unfinished = await writeUnfinished(this.temporary, chunks);
    try {
      await this.moveIn(unfinished, key);
    } catch (error) {
      await discard(unfinished);
      throw storageError(error);
    }
  }

  private async moveIn(unfinished: string, key: CopyKey): Promise<void> {
    await moveInPlace(unfinished, path.join(this.folderOf(key), CONTENT));
  }

  /** Says that a copy is in use; false when it is gone. */
  private async use(folder: string): Promise<boolean> {
    if (!(await touch(folder))) return false;
    if (this.options.holds) this.held.add(folder);
    return true;
  }

  /** Removes copies, the longest unused first, until so many bytes fit or all others may be in use. */
  private async makeRoom(bytes: number, now = Date.now()): Promise<void> {
    const copies = (await this.all()).sort((a, b) => a.usedAt - b.usedAt);
    let total = bytes + copies.reduce((sum, copy) => sum + copy.bytes, 0);
    for (const copy of copies) {
      if (total <= this.options.maxBytes || now - copy.usedAt < IN_USE_MS) return;
      await remove(copy.folder);
      total -= copy.bytes;
    }
  }

  private async all(): Promise<{ folder: string; bytes: number; usedAt: number }[]> {
    const found: { folder: string; bytes: number; usedAt: number }[] = [];
    for (const tenant of await fs.readdir(this.copies).catch(() => [])) {
      for (const sha256 of await fs.readdir(path.join(this.copies, tenant)).catch(() => [])) {
        const folder = path.join(this.copies, tenant, sha256);
        const used = await fs.stat(folder).catch(() => null);
        const content = await fs.stat(path.join(folder, CONTENT)).catch(() => null);
        if (used) found.push({ folder, bytes: content?.size ?? 0, usedAt: used.mtimeMs });
      }
    }
    return found;
  }

  private folderOf({ tenantId, sha256 }: CopyKey): string {
    return path.join(this.copies, tenantId, sha256);
  }

  private get copies(): string {
    return path.join(this.options.folder, 'copies');
  }

  private get temporary(): string {
    return path.join(this.options.folder, 'unfinished');
  }
}

/** Sets a folder's time to now; false when it is gone. */
async function touch(folder: string): Promise<boolean> {
  const now = new Date();
  return fs.utimes(folder, now, now).then(
    () => true,
    () => false,
  );
}

/** What cannot be removed now is tried again later. */
async function remove(folder: string): Promise<void> {
  await fs.rm(folder, { recursive: true, force: true }).catch(() => undefined);
}
