import fc from 'fast-check';
import { paceOf } from './pacing';

const DAY = 86_400_000;
const flight = { budget: 100, startsAt: new Date(0), endsAt: new Date(10 * DAY) };
const policy = { strength: 2, least: 0.05 };
const at = (day: number) => new Date(day * DAY);

describe('paceOf', () => {
  it('holds back what runs ahead, and does not push what lags behind', () => {
    expect(paceOf({ ...flight, spent: 50 }, at(5), policy)).toMatchObject({ throttle: 1 });
    expect(paceOf({ ...flight, spent: 10 }, at(5), policy)).toMatchObject({ throttle: 1 });
    // A quarter is left for half of the time.
    expect(paceOf({ ...flight, spent: 75 }, at(5), policy)).toMatchObject({
      state: 'RUNNING',
      spentShare: 0.75,
      elapsedShare: 0.5,
      throttle: 0.25,
    });
    expect(paceOf({ ...flight, spent: 99 }, at(0), policy)).toMatchObject({ throttle: 0.05 });
    expect(paceOf({ ...flight, spent: 75 }, at(5), { ...policy, strength: 0 })).toMatchObject({
      throttle: 1,
    });
  });

  it('ends with the budget, and with the flight', () => {
    expect(paceOf({ ...flight, spent: 100 }, at(5), policy).state).toBe('SPENT');
    expect(paceOf({ ...flight, spent: 0 }, at(10), policy).state).toBe('OUTSIDE_FLIGHT');
    expect(paceOf({ ...flight, spent: 0 }, at(-1), policy).state).toBe('OUTSIDE_FLIGHT');
  });

  it('brings a campaign that wins too much to its end with its budget spent evenly', () => {
    // Unheld it would be spent after a fifth of the flight.
    let spent = 0;
    const byDay: number[] = [];
    for (let step = 0; step < 1000; step++) {
      const pace = paceOf({ ...flight, spent }, at(step / 100), { ...policy, strength: 4 });
      if (pace.state === 'RUNNING') spent += 0.5 * pace.throttle;
      if (step % 100 === 99) byDay.push(spent);
    }
    expect(spent).toBeGreaterThan(95);
    expect(spent).toBeLessThanOrEqual(100.5);
    expect(byDay[4]).toBeLessThan(75);
  });

  it('never leaves 0..1, and falls with what is spent', () => {
    const share = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(share, share, share, (first, second, elapsed) => {
        const throttleOf = (spent: number) => {
          const pace = paceOf({ ...flight, spent: 100 * spent }, at(10 * elapsed), policy);
          return pace.state === 'RUNNING' ? pace.throttle : NaN;
        };
        const [less, more] = [throttleOf(Math.min(first, second)), throttleOf(Math.max(first, second))];
        expect(more).toBeLessThanOrEqual(less);
        expect(less).toBeLessThanOrEqual(1);
        expect(more).toBeGreaterThanOrEqual(policy.least);
      }),
    );
  });
});
