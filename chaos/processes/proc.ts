import { readdirSync, readFileSync } from 'node:fs';
import { processesThatMention } from '../../test/support/e2e/processes';

/** What the operating system tells of processes: on Linux; elsewhere nothing is known. */

/** A process and all below it, parents first. */
export function treeOf(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const child of allPids()) {
    // The name of a process may have spaces and brackets: its parent comes after the last one.
    const parent = Number(/^\S+ \S+ (\d+)/.exec(read(child, 'stat').replace(/^.*\)/s, '-'))?.[1]);
    parents.set(parent, [...(parents.get(parent) ?? []), child]);
  }
  const below = (from: number): number[] => [from, ...(parents.get(from) ?? []).flatMap(below)];
  return below(pid);
}

/** Those that work in a folder, or in one below it, or were told of it; not this one. */
export function processesIn(folder: string): number[] {
  return process.platform === 'linux' ? processesThatMention(folder) : [];
}

/** Resident memory; null where it is not known. */
export function residentBytes(pid: number): number | null {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(read(pid, 'status'))?.[1];
  return kib === undefined ? null : Number(kib) * 1_024;
}

/** Signals a process, or with a negative number a group, that may be gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended in the meantime.
  }
}

function allPids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
