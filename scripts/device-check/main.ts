import { UsageError } from '../../bench/suite';
import { messageOf } from '../../src/errors';
import { check, hasFailed } from './check';
import { readOptions, USAGE } from './options';
import { pack } from './pack';
import { tableOf } from './table';

/** See `USAGE`. Ends with 1 when anything differs from the CPU or fails, 2 when the command line asks for nothing. */
async function main(args: readonly string[]): Promise<void> {
  const command = readOptions(args);
  const progress = (line: string): unknown => process.stderr.write(`${line}\n`);
  if ('help' in command) process.stdout.write(`${USAGE}\n`);
  else if ('pack' in command) process.stdout.write(`${await pack(command.pack, progress)}\n`);
  else {
    const report = await check(command.check, progress);
    process.stdout.write(`${command.check.json ? JSON.stringify(report) : tableOf(report)}\n`);
    if (hasFailed(report)) process.exitCode = 1;
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
