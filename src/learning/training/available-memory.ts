import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import path from 'node:path';

/** Share of what is free that a run may plan with: the rest is for whatever else grows in the meantime. */
const SHARE = 0.8;

/** In bytes. */
export interface MachineMemory {
  readonly total: number;
  /** Unused or used for files that need not be kept in memory. */
  readonly free: number;
  /** The limit of the container or control group; 0, or more than there is, where there is none. */
  readonly limit: number;
  /** What is left below that limit when files kept in memory count as used. */
  readonly belowLimit: number;
  /** Files kept in memory within the limit: the kernel gives them up before it refuses anything. */
  readonly reclaimable: number;
}

/** Bytes that a run of this process may take: four fifths of what is free, in its container where it has a limit. */
export function availableMemory(machine: MachineMemory = machineMemory()): number {
  const { total, free, limit, belowLimit, reclaimable } = machine;
  const isLimited = limit > 0 && limit < total;
  const available = isLimited ? Math.min(free, belowLimit + reclaimable, limit) : free;
  return Math.floor(SHARE * available);
}

/** Bytes that a run could take if nothing else ran: four fifths of what there is, in its container where it has a limit. */
export function largestMemory(
  { total, limit }: Pick<MachineMemory, 'total' | 'limit'> = machineMemory(),
): number {
  return Math.floor(SHARE * (limit > 0 ? Math.min(total, limit) : total));
}

function machineMemory(): MachineMemory {
  return {
    total: totalmem(),
    free: freemem(),
    limit: process.constrainedMemory(),
    belowLimit: process.availableMemory(),
    reclaimable: filesInMemory(),
  };
}

/** Of this process's control group (Linux, version 2); 0 elsewhere. */
function filesInMemory(): number {
  try {
    const group = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
    const text = readFileSync(path.join('/sys/fs/cgroup', group, 'memory.stat'), 'utf8');
    const bytes = (key: string): number => Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    return bytes('inactive_file') + bytes('active_file');
  } catch {
    return 0;
  }
}
