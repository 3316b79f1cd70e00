import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { systemCodeOf } from '../../errors';
import { storageError } from './storage-errors';

const HOST = os.hostname().replace(/[^A-Za-z0-9-]/g, '_');
/** Tells this process from an earlier one that had its number. */
const INCARNATION = randomBytes(4).toString('hex');
/** What another machine has not finished for this long, it never will. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

export interface AtomicWrite {
  /** Folder for the unfinished file, on the target's file system. */
  readonly temporary: string;
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Where the file goes; called once, after the last chunk. When it throws, nothing is written. */
  readonly target: () => string;
}

/**
 * Writes a file that is complete or absent, whatever happens meanwhile: aside, synced to the disk, then moved in place.
 * @throws AppError UNAVAILABLE when the disk does not take it; nothing is left behind then
 */
export async function writeAtomically({ temporary, chunks, target }: AtomicWrite): Promise<void> {
  const unfinished = await writeUnfinished(temporary, chunks, (file) => file.sync());
  try {
    const place = target();
    await moveInPlace(unfinished, place);
    await syncFolder(path.dirname(place));
  } catch (error) {
    await discard(unfinished);
    throw storageError(error);
  }
}

/**
 * Writes a file under a name of its own, to be moved in place or discarded.
 * @throws AppError UNAVAILABLE when the disk does not take it; nothing is left behind then
 */
export async function writeUnfinished(
  temporary: string,
  chunks: AtomicWrite['chunks'],
  finish: (file: fs.FileHandle) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const unfinished = path.join(temporary, unfinishedName());
  try {
    const file = await fs.open(unfinished, 'wx', 0o600);
    try {
      for await (const chunk of chunks) await file.writeFile(chunk);
      await finish(file);
    } finally {
      await file.close();
    }
    return unfinished;
  } catch (error) {
    await discard(unfinished);
    throw storageError(error);
  }
}

/** Moves a finished file to where it is looked for, in place of one that is there. */
export async function moveInPlace(unfinished: string, place: string): Promise<void> {
  await fs.mkdir(path.dirname(place), { recursive: true, mode: 0o700 });
  await fs.rename(unfinished, place);
}

/** Removes an unfinished file; what cannot be removed is removed by `removeOrphans`. */
export async function discard(unfinished: string): Promise<void> {
  await fs.rm(unfinished, { force: true }).catch(() => undefined);
}

/** A new name for something unfinished, by which `removeOrphans` tells whose it is. */
export function unfinishedName(): string {
  return [HOST, process.pid, INCARNATION, randomBytes(6).toString('hex')].join('~');
}

/** Makes a rename outlast a power cut, where folders can be synced. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes unfinished files and folders of processes that are gone. */
export async function removeOrphans(temporary: string): Promise<void> {
  for (const name of await fs.readdir(temporary)) {
    const file = path.join(temporary, name);
    const [host, pid, incarnation] = name.split('~');
    const orphaned =
      host === HOST
        ? incarnation !== INCARNATION && !isOther(Number(pid))
        : await fs.stat(file).then(
            ({ mtimeMs }) => Date.now() - mtimeMs > ABANDONED_AFTER_MS,
            () => false,
          );
    if (orphaned) await fs.rm(file, { force: true, recursive: true });
  }
}

/** Whether another living process has this number. */
function isOther(pid: number): boolean {
  if (pid === process.pid || !Number.isInteger(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
}
