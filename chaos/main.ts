import 'reflect-metadata';
import { messageOf } from '../src/errors';
import { readOptions, UsageError } from './options';
import { inWords } from './report';
import { runChaos } from './run-chaos';
import { watchOver } from './watchdog';

/**
 * `npm run chaos -- --minutes N`: a whole platform in processes of its own, under load, while they are killed, stopped
 * and cut off. With `--json`, exactly one JSON object on standard output. Progress goes to standard error. Exits with 1
 * when something that was acknowledged is lost, twice or somebody else's, and when it cannot tell.
 */
async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const say = watchOver(options.minutes);
  const report = await runChaos(options, say);
  const text = options.json ? JSON.stringify(report) : inWords(report);
  await new Promise<void>((resolve) => process.stdout.write(`${text}\n`, () => resolve()));
  return report.passed ? 0 : 1;
}

// What is still open here, such as a connection of a process that was killed, does not keep it from ending.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130));
main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
