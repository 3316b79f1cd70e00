import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** Folders are named by the worker process that made them, so that those of dead workers can be told. */
const NAME = /^(\d+)-/;

/** Makes the folder where one execution keeps its intermediate files. */
export async function makeWorkDirectory(dataDirectory: string, owner: string): Promise<string> {
  const folder = path.join(dataDirectory, 'work', `${process.pid}-${owner}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Removes what workers that are gone have left behind. */
export async function removeAbandonedWork(dataDirectory: string): Promise<void> {
  const root = path.join(dataDirectory, 'work');
  await mkdir(root, { recursive: true });
  for (const name of await readdir(root)) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) {
      await rm(path.join(root, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
