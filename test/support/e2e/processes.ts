import { readdirSync, readFileSync } from 'node:fs';

/** Running processes whose environment or command line mentions a text: on Linux alone. */
export function processesThatMention(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => readProc(pid, 'cmdline').includes(text) || readProc(pid, 'environ').includes(text))
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
