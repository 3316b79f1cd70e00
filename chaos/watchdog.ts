/** Exit code of a run that did not come to its end in time. */
export const TOO_LATE = 3;
/** Of a run, beside twice the time in which there are faults: its start, the first models, the last runs, the comparison. */
const ALLOWANCE_MINUTES = 20;

/** Minutes after which a run with so many minutes of faults is ended, whatever it waits for. */
export const longestMinutes = (minutes: number): number => 2 * minutes + ALLOWANCE_MINUTES;

/**
 * Ends this process with a line that says what it waited for, when it takes too long.
 * @returns tells, on standard error, what is done next
 */
export function watchOver(minutes: number, longest = longestMinutes(minutes)): (line: string) => void {
  let last = 'nothing yet';
  setTimeout(() => {
    process.stderr.write(
      `ended after ${longest} minutes, which is too long; the last that was done: ${last}\n`,
    );
    process.exit(TOO_LATE);
  }, longest * 60_000);
  return (line) => {
    last = line;
    process.stderr.write(`${line}\n`);
  };
}
