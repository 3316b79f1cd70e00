import fc from 'fast-check';
import { type Segment, segmentsByDifference, segmentsOf } from './segments';

const SIZES = { 0: 1, 1: 60_000, 2: 86_400_000, 3: Infinity };
const DAY = 86_400_000;
const moment = fc.integer({ min: -3 * DAY, max: 6 * DAY });

/** How often a moment is counted: as a part of the bucket that it is in. */
const timesCounted = (segments: readonly Segment[], ms: number): number =>
  segments.reduce((times, { level, from, until, sign }) => {
    const size = SIZES[level];
    const bucket = level === 3 ? 0 : Math.floor(ms / size) * size;
    return bucket >= from && bucket < until ? times + sign : times;
  }, 0);

describe('stretches of time', () => {
  it.each([segmentsOf, segmentsByDifference])('count what is in them once, and nothing else', (segments) => {
    fc.assert(
      fc.property(
        fc.oneof(moment, fc.constant(-Infinity)),
        moment,
        fc.array(moment, { minLength: 1 }),
        (from, until, moments) => {
          const made = segments(from, until);
          for (const ms of [...moments, until, until - 1, ...(from === -Infinity ? [] : [from, from - 1])])
            expect(timesCounted(made, ms)).toBe(ms >= from && ms < until ? 1 : 0);
        },
      ),
    );
  });

  it('read events of two minutes at most', () => {
    fc.assert(
      fc.property(moment, moment, (from, until) => {
        const events = segmentsOf(from, until).filter(({ level }) => level === 0);
        const total = events.reduce((sum, segment) => sum + segment.until - segment.from, 0);
        expect(total).toBeLessThan(2 * 60_000);
      }),
    );
  });
});
