import { cpus } from 'node:os';

/**
 * Watches what else the machine does while something is measured.
 *
 * @returns a function that takes the processor time used by both sides since, and gives the cores that other
 * processes kept busy on average.
 */
export function watchOtherLoad(): (ownCpuSeconds: number) => number {
  const startedAt = performance.now();
  const busyBefore = busySeconds();
  return (ownCpuSeconds) => {
    const seconds = (performance.now() - startedAt) / 1000;
    return Math.max(0, (busySeconds() - busyBefore - ownCpuSeconds) / seconds);
  };
}

/** Of all cores since the machine was started. */
function busySeconds(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0) / 1000;
}
