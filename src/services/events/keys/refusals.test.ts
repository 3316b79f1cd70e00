import { Refusals } from './refusals';

it('a refusal is known for a while, and then asked again', () => {
  let now = 0;
  const refusals = new Refusals(1_000, () => now);
  expect(refusals.has('a')).toBe(false);
  refusals.add('a');
  now = 999;
  expect([refusals.has('a'), refusals.has('b')]).toEqual([true, false]);
  now = 1_000;
  expect(refusals.has('a')).toBe(false);
});

it('of very many, the latest are known', () => {
  const refusals = new Refusals(1_000, () => 0);
  for (let i = 0; i < 10_001; i += 1) refusals.add(String(i));
  expect([refusals.has('0'), refusals.has('1'), refusals.has('10000')]).toEqual([false, true, true]);
});
