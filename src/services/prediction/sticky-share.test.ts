import { isInShare, stickyPlace } from './sticky-share';

const NAMES = Array.from({ length: 20_000 }, (_, index) => `u${index}`);

describe('a sticky share', () => {
  it.each([0.01, 0.1, 0.5])('of %d holds about so many of the subjects', (share) => {
    const held = NAMES.filter((name) => isInShare('canary', name, share)).length / NAMES.length;
    // Five standard errors.
    expect(Math.abs(held - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / NAMES.length));
  });

  it('holds whom a smaller one held', () => {
    const held = (share: number) => NAMES.filter((name) => isInShare('canary', name, share));
    expect(held(0.2)).toEqual(expect.arrayContaining(held(0.1)));
    expect(NAMES.every((name) => isInShare('canary', name, 1))).toBe(true);
    expect(NAMES.some((name) => isInShare('canary', name, 0))).toBe(false);
  });

  it('holds others for another purpose', () => {
    const both = NAMES.filter((name) => stickyPlace('a', name) < 0.5 && stickyPlace('b', name) < 0.5);
    expect(both.length / NAMES.length).toBeCloseTo(0.25, 1);
  });
});
