/** A stretch of time of one kind of row: 0 are events, 1 minutes, 2 days, 3 all time. */
export interface Segment {
  readonly level: 0 | 1 | 2 | 3;
  readonly from: number;
  readonly until: number;
  /** -1 takes away. */
  readonly sign: 1 | -1;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** The end of time, either way. */
const ENDLESS_MS = 8.64e15;

/**
 * Days, minutes and events that are together the time from a moment on and before another, in milliseconds since 1970:
 * as few rows as possible.
 * @param from -Infinity is the beginning of time
 */
export function segmentsOf(from: number, until: number): Segment[] {
  const [start, end] = [Math.max(from, -ENDLESS_MS), Math.min(until, ENDLESS_MS)];
  const split = (level: 1 | 2, size: number, finer: (from: number, until: number) => Segment[]) => {
    return (a: number, b: number): Segment[] => {
      const first = a === -ENDLESS_MS ? a : Math.ceil(a / size) * size;
      const last = b === ENDLESS_MS ? b : Math.floor(b / size) * size;
      if (first >= last) return finer(a, b);
      return [...finer(a, first), { level, from: first, until: last, sign: 1 }, ...finer(last, b)];
    };
  };
  const events = (a: number, b: number): Segment[] =>
    a < b ? [{ level: 0, from: a, until: b, sign: 1 }] : [];
  return split(2, DAY_MS, split(1, MINUTE_MS, events))(start, end);
}

/** The same where rows may be taken away: of a time without beginning, all time less what is not before its end. */
export function segmentsByDifference(from: number, until: number): Segment[] {
  if (from !== -Infinity) return segmentsOf(from, until);
  return [
    { level: 3, from: -ENDLESS_MS, until: ENDLESS_MS, sign: 1 },
    ...segmentsOf(until, Infinity).map((segment): Segment => ({ ...segment, sign: -1 })),
  ];
}
