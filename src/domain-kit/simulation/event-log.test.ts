import { type EventLogOptions, type LoggedEvent, eventLog } from './event-log';

const START = Date.UTC(2025, 0, 1);
const at = (seconds: number): number => START + seconds * 1000;
const event = (seconds: number, cells: LoggedEvent['cells'] = {}): LoggedEvent => ({
  at: at(seconds),
  kind: 'view',
  cells,
});

function log(overrides: Partial<EventLogOptions> = {}) {
  return eventLog({
    seed: 1,
    demo: {},
    subjectColumn: 'user_id',
    columns: ['price', 'brand'],
    mess: { missing: {}, outliers: {}, duplicateRows: 0 },
    timelines: () => [
      {
        subject: 'b',
        events: [event(1, { price: 2.5, brand: 'x' }), { ...event(5), kind: 'visit', truth: 0.25 }],
      },
      { subject: 'a', events: [event(0), event(5), event(9)] },
      { subject: 'c', events: [] },
    ],
    ...overrides,
  });
}

describe('eventLog', () => {
  it('writes all subjects as one log in order of time, with an id for every event', () => {
    expect([...log().csv()]).toEqual([
      'event_id,user_id,at,kind,price,brand',
      'a-1,a,2025-01-01T00:00:00Z,view,,',
      'b-1,b,2025-01-01T00:00:01Z,view,2.5,x',
      'a-2,a,2025-01-01T00:00:05Z,view,,',
      'b-2,b,2025-01-01T00:00:05Z,visit,,',
      'a-3,a,2025-01-01T00:00:09Z,view,,',
    ]);
  });

  it('keeps the probability of each moment under the id that the log gives it', () => {
    expect([...log().truth]).toEqual([['b-2', 0.25]]);
  });

  it('can be read again', () => {
    const twice = log();
    expect([...twice.csv()]).toEqual([...twice.csv()]);
  });

  it('merges many subjects as a sort by time would', () => {
    const moments = (subject: number) =>
      Array.from({ length: 20 }, (_, index) => (subject * 7919 + index * 104_729) % 5000);
    const timelines = () =>
      Array.from({ length: 50 }, (_, subject) => ({
        subject: `s${subject}`,
        events: [...new Set(moments(subject))].sort((a, b) => a - b).map((seconds) => event(seconds)),
      }));
    const times = [...log({ timelines }).csv()].slice(1).map((line) => line.split(',')[2]);
    expect(times).toHaveLength(timelines().reduce((sum, { events }) => sum + events.length, 0));
    expect(times).toEqual([...times].sort());
  });

  it('loses, distorts and repeats at the rates given, and leaves what was empty alone', () => {
    const count = 10_000;
    const events = Array.from({ length: count }, (_, index) => event(index, { price: 3, brand: null }));
    const messy = log({
      timelines: () => [{ subject: 'a', events }],
      mess: {
        missing: { price: 0.05, brand: 0.5 },
        outliers: { price: { rate: 0.02, distort: (price) => price * 100 } },
        duplicateRows: 0.01,
      },
    });
    const lines = [...messy.csv()].slice(1);
    const distinct = [...new Set(lines)];
    const share = (suffix: string) => distinct.filter((line) => line.endsWith(suffix)).length / count;
    expect(distinct).toHaveLength(count);
    expect(lines.length / count - 1).toBeCloseTo(0.01, 2);
    expect(share(',view,,')).toBeCloseTo(0.05, 1);
    expect(share(',view,300,')).toBeCloseTo(0.02 * 0.95, 2);
    expect(share(',view,3,') + share(',view,300,') + share(',view,,')).toBeCloseTo(1, 10);
  });
});
