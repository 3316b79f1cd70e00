import { readFileSync } from 'node:fs';

/** What a process has taken so far. */
export interface ResourceUse {
  /** Of all its threads, in the system and outside it. */
  readonly processorSeconds: number;
  /** Most that it had in the machine's own memory at a time; what a card has is not in it. */
  readonly peakMemoryBytes: number;
}

/** Of this process, from its start: a process that executes one job has taken it for that. */
export function resourceUse(): ResourceUse {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const peakMemoryBytes = 1024 * (ownPeakKibibytes() ?? maxRSS);
  return { processorSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMemoryBytes };
}

/** What Linux counts as `maxRSS` is also what the process had that this one was forked from; null elsewhere. */
function ownPeakKibibytes(): number | null {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return peak === undefined ? null : Number(peak);
  } catch {
    return null;
  }
}
