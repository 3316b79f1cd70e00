import { cronProblem, nextRun, timeZoneProblem } from './cron';

const next = (cron: string, zone: string, after: string) =>
  nextRun(cron, zone, new Date(after)).toISOString();

describe('nextRun', () => {
  it('goes by the clocks of the time zone, also when they change', () => {
    // Winter, then summer: three in the morning is another moment.
    expect(next('0 3 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z')).toBe('2026-03-28T02:00:00.000Z');
    expect(next('0 3 * * *', 'Europe/Berlin', '2026-03-29T02:00:00Z')).toBe('2026-03-30T01:00:00.000Z');
    expect(next('0 3 * * *', 'UTC', '2026-03-28T00:00:00Z')).toBe('2026-03-28T03:00:00.000Z');
  });

  it('does not lose a run in an hour that there is not', () => {
    // On 29 March 2026 there is no half past two in Berlin.
    const run = next('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z');
    expect(run.startsWith('2026-03-29T01:')).toBe(true);
  });

  it('runs once in an hour that there is twice', () => {
    const first = next('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z');
    expect(next('30 2 * * *', 'Europe/Berlin', first).slice(0, 10)).toBe('2026-10-26');
  });
});

describe('cronProblem', () => {
  it.each(['0 3 * * *', '0 3 * * 1', '0 0 1 * *', '0 */6 * * *', '0 4 * * MON-FRI'])('takes %s', (cron) => {
    expect(cronProblem(cron, 'Europe/Berlin')).toBeNull();
  });

  it.each([
    '* * * * *',
    '*/30 * * * *',
    '0 0 3 * * *',
    '@daily',
    'H 3 * * *',
    '61 3 * * *',
    'nonsense',
    '0 3 31 2 *',
  ])('refuses %s', (cron) => {
    expect(cronProblem(cron, 'UTC')).not.toBeNull();
  });

  it('knows time zones', () => {
    expect(timeZoneProblem('America/New_York')).toBeNull();
    expect(timeZoneProblem('Mars/Olympus')).toContain('IANA');
  });
});
