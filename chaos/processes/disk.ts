import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { type RuntimeUser } from '../../src/platform/persistence/embedded/runtime-user';

/** The platform's folder of objects, which can be made read-only for whoever the platform runs as. */
export class Disk {
  constructor(readonly folder: string) {}

  makeReadOnly(): void {
    this.setMode(0o555);
  }

  makeWritable(): void {
    this.setMode(0o755);
  }

  private setMode(mode: number): void {
    chmodSync(this.folder, mode);
    for (const entry of readdirSync(this.folder, { recursive: true, withFileTypes: true }))
      if (entry.isDirectory()) chmodIfThere(path.join(entry.parentPath, entry.name), mode);
  }
}

/** Why a folder cannot be made read-only for the user; null: it can. */
export function reasonAgainstReadOnly({ uid }: RuntimeUser): string | null {
  if (process.platform === 'win32') return 'the folder is not made read-only: Windows has no such mode';
  if (process.getuid?.() === 0 && uid === null)
    return 'the folder is not made read-only: the platform runs as root, for whom modes of files do not hold';
  return null;
}

/** Whether a user can run this program: its folder may be closed to others. */
export function canRunAs({ identity }: RuntimeUser, entry: string): boolean {
  return (
    spawnSync(process.execPath, ['-e', `require.resolve(${JSON.stringify(entry)})`], {
      ...identity,
      cwd: '/',
    }).status === 0
  );
}

function chmodIfThere(folder: string, mode: number): void {
  try {
    chmodSync(folder, mode);
  } catch {
    // It was removed meanwhile.
  }
}
