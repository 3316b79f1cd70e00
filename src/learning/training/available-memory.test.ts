import { totalmem } from 'node:os';
import { availableMemory, type MachineMemory } from './available-memory';

const GIB = 2 ** 30;
const machine: MachineMemory = {
  total: 16 * GIB,
  free: 10 * GIB,
  limit: 0,
  belowLimit: 10 * GIB,
  reclaimable: 0,
};

describe('what a run may plan with', () => {
  it.each<[string, Partial<MachineMemory>, number]>([
    ['four fifths of what is free', {}, 8],
    ['the same where the limit is none', { limit: 2 ** 64 }, 8],
    ['what is left below the limit of a container', { limit: 4 * GIB, belowLimit: 2.5 * GIB }, 2],
    [
      'with the files that it keeps in memory',
      { limit: 4 * GIB, belowLimit: 0.5 * GIB, reclaimable: 2 * GIB },
      2,
    ],
    ['never more than the machine has free', { limit: 14 * GIB, belowLimit: 12 * GIB }, 8],
    ['never more than the limit', { limit: 2.5 * GIB, belowLimit: 2 * GIB, reclaimable: 9 * GIB }, 2],
  ])('is %s', (_name, changes, gibibytes) => {
    expect(availableMemory({ ...machine, ...changes })).toBe(gibibytes * GIB);
  });

  it('is read from this machine', () => {
    expect(availableMemory()).toBeGreaterThan(0);
    expect(availableMemory()).toBeLessThan(totalmem());
  });
});
