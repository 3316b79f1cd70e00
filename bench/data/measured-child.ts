import { readFileSync } from 'node:fs';
import { duckDbSide } from './duckdb-side';
import { FORMATS } from './options';
import { ourSide } from './our-side';

/** A process that does one side's work, tells its parent what that took, and ends. */
async function main(): Promise<void> {
  const [name, path = '', format, workDirectory = ''] = process.argv.slice(2);
  const side = name === 'ours' ? ourSide : duckDbSide;
  const startedAt = performance.now();
  const found = await side({
    path,
    format: FORMATS.find((known) => known === format) ?? 'csv',
    workDirectory,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  process.send?.({ ...found, seconds, peakBytes: peakBytes() });
}

/** Most resident memory; where Linux tells it, of this program alone and not of what started it. */
function peakBytes(): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Not on Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

void main();
