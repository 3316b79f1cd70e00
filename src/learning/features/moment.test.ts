import { cyclicValue, elapsedSeconds } from './moment';

describe('moments', () => {
  it.each([
    ['2024-03-04T00:00:00Z', 0, 0],
    ['2024-03-10T23:45:00Z', 23.75, 6 + 23.75 / 24],
    ['1969-12-31T12:00:00Z', 12, 2.5],
  ])('%s is hour %d and day %d', (at, hour, day) => {
    expect(cyclicValue('hourOfDay', Date.parse(at))).toBeCloseTo(hour, 9);
    expect(cyclicValue('dayOfWeek', Date.parse(at))).toBeCloseTo(day, 9);
  });

  it('measures elapsed time in seconds', () => {
    expect(elapsedSeconds(1000, 2500)).toBe(1.5);
  });
});
