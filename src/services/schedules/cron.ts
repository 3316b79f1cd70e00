import { CronExpressionParser } from 'cron-parser';

/** Between two runs, at least: a training takes a while. */
const LEAST_GAP_MS = 3_600_000;
/** Runs ahead that are looked at for their distance. */
const LOOK_AHEAD = 50;

/** The first moment after this at which the expression is due, by the clocks of the time zone. */
export function nextRun(cron: string, timeZone: string, after: Date): Date {
  return CronExpressionParser.parse(cron, { tz: timeZone, currentDate: after }).next().toDate();
}

/** What is wrong with a time zone; null when nothing is. */
export function timeZoneProblem(timeZone: string): string | null {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return null;
  } catch {
    return 'must be a time zone of the IANA database, such as Europe/Berlin';
  }
}

/** What is wrong with an expression of five fields; null when nothing is. */
export function cronProblem(cron: string, timeZone: string): string | null {
  // H is drawn by lot: the next run would be another each time that it is asked for.
  if (cron.length > 100 || cron.trim().split(/\s+/).length !== 5 || /\bH/.test(cron))
    return 'must have five fields: minute, hour, day of month, month, day of week, such as 0 3 * * 1';
  try {
    let before = nextRun(cron, timeZone, new Date());
    for (let run = 1; run < LOOK_AHEAD; run++) {
      const next = nextRun(cron, timeZone, before);
      if (next.getTime() - before.getTime() < LEAST_GAP_MS) return 'must leave an hour between two runs';
      before = next;
    }
    return null;
  } catch (error) {
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
