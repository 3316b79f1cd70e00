import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Running processes whose command line, environment or working directory mentions a text: on Linux alone.
 * PostgreSQL shows a data folder in its working directory only.
 */
export function processesThatMention(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) =>
      [readProc(pid, 'cmdline'), readProc(pid, 'environ'), workingDirectory(pid)].some((part) =>
        part.includes(text),
      ),
    )
    .map(Number);
}

/** Running processes of a command whose environment mentions a text. */
export function processesOf(entry: string, text: string): number[] {
  return processesThatMention(text).filter((pid) => readProc(String(pid), 'cmdline').includes(entry));
}

function readProc(pid: string, file: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // Gone in the meantime, or somebody else's.
    return '';
  }
}

function workingDirectory(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // Gone in the meantime, or somebody else's.
    return '';
  }
}
