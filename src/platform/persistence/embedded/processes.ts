import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { systemCodeOf } from '../../../errors';

/** Whether a process has this number, be it one that has ended and waits to be buried. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
}

/** Whether a process with this number runs. */
export function isRunning(pid: number): boolean {
  return exists(pid) && stateOf(pid) !== 'Z';
}

/** Whether the process with this number is a PostgreSQL server: numbers are given again after a restart. */
export function isPostgres(pid: number): boolean {
  if (!isRunning(pid)) return false;
  if (process.platform === 'win32') return true;
  if (process.platform === 'linux') return statOf(pid)?.includes('(postgres)') ?? false;
  return spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).stdout.includes(
    'postgres',
  );
}

/** One letter, as in /proc; null where that is not known. */
function stateOf(pid: number): string | null {
  return /\) (\w)/.exec(statOf(pid) ?? '')?.[1] ?? null;
}

function statOf(pid: number): string | null {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
}

/** Waits until the process has ended; false when it has not in time. */
export async function ended(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isRunning(pid)) {
    if (Date.now() > deadline) return false;
    await pause(20);
  }
  return true;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
