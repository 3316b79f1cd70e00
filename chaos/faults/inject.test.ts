import { Random } from '../random';
import { type Fault, type Kind } from './fault';
import { injectFaults, planned } from './inject';

const fault = (part: string, kind: Kind, log: string[] = [], name = kind as string): Fault => ({
  kind,
  part,
  longest: 0.02,
  begin: () => void log.push(`+${name}`),
  end: () => void log.push(`-${name}`),
});
const faults = ['a', 'b', 'c'].flatMap((part) => [fault(part, 'kill'), fault(part, 'stop')]);
const names = (seed: number): string[] => {
  const plan = planned(faults, new Random(seed), 1);
  return Array.from({ length: 9 }, () => JSON.stringify(plan.next().value));
};
const faultOf = (text: string): Fault => (JSON.parse(text) as { fault: Fault }).fault;

test('the same seed plans the same faults, each once before any comes again', () => {
  expect(names(3)).toEqual(names(3));
  expect(names(3)).not.toEqual(names(4));
  const first = names(3).slice(0, 6).map(faultOf);
  expect(new Set(first.map(({ kind, part }) => `${part} ${kind}`)).size).toBe(6);
  for (const pair of [first.slice(0, 2), first.slice(2, 4), first.slice(4)])
    expect(new Set(pair.map(({ kind }) => kind)).size).toBe(2);
});

test('every fault is mended, and those of one part come one after the other', async () => {
  const log: string[] = [];
  const plan = [1, 2, 3, 4].map((n) => ({
    fault: fault('same', 'kill', log, `${n}`),
    pauseSeconds: 0,
    seconds: 0.02,
  }));
  expect(await injectFaults(plan[Symbol.iterator](), { minutes: 1, kinds: [] }, () => undefined)).toEqual({
    'same kill': 4,
  });
  expect(log).toEqual([1, 2, 3, 4].flatMap((n) => [`+${n}`, `-${n}`]));
});

test('each kind happens, also where the time is over before', async () => {
  const plan = planned(faults, new Random(5), 0.001);
  const happened = await injectFaults(plan, { minutes: 0.000_001, kinds: ['kill', 'stop'] }, () => undefined);
  expect(
    Object.keys(happened)
      .map((name) => name.split(' ')[1])
      .sort(),
  ).toEqual(['kill', 'stop']);
});
