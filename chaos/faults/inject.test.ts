import { Random } from '../random';
import { type Fault } from './fault';
import { injectFaults, planned } from './inject';

const fault = (name: string, part: string, log: string[] = []): Fault => ({
  name,
  part,
  longest: 0.02,
  begin: () => void log.push(`+${name}`),
  end: () => void log.push(`-${name}`),
});
const faults = ['a', 'b', 'c', 'd'].map((name) => fault(name, name));
const names = (seed: number): string[] => {
  const plan = planned(faults, new Random(seed), 1);
  return Array.from({ length: 8 }, () => JSON.stringify(plan.next().value));
};

test('the same seed plans the same faults, each once before any comes again', () => {
  expect(names(3)).toEqual(names(3));
  expect(names(3)).not.toEqual(names(4));
  expect(
    new Set(
      names(3)
        .slice(0, 4)
        .map((text) => (JSON.parse(text) as { fault: Fault }).fault.name),
    ).size,
  ).toBe(4);
});

test('every fault is mended, and those of one part come one after the other', async () => {
  const log: string[] = [];
  const plan = [1, 2, 3, 4].map((n) => ({
    fault: fault(`${n}`, 'same', log),
    pauseSeconds: 0,
    seconds: 0.02,
  }));
  expect(await injectFaults(plan[Symbol.iterator](), 1, () => undefined)).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1 });
  expect(log).toEqual([1, 2, 3, 4].flatMap((n) => [`+${n}`, `-${n}`]));
});
