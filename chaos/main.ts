import 'reflect-metadata';
import { messageOf } from '../src/errors';
import { readOptions, UsageError } from './options';
import { inWords } from './report';
import { runChaos } from './run-chaos';

/**
 * `npm run chaos -- --minutes N`: a whole platform in processes of its own, under load, while they are killed, stopped
 * and cut off. With `--json`, exactly one JSON object on standard output. Progress goes to standard error. Exits with 1
 * when something that was acknowledged is lost, twice or somebody else's.
 */
async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort());
  const say = (line: string): void => {
    if (!options.json) process.stderr.write(`${line}\n`);
  };
  const report = await runChaos(options, say, interrupted.signal);
  process.stdout.write(`${options.json ? JSON.stringify(report) : inWords(report)}\n`);
  if (!report.passed) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
