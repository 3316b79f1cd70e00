import { parseArgs } from 'node:util';
import { messageOf } from '../src/errors';
import { type OptionValues, type Suite, UsageError } from './suite';
import { SUITES } from './suites';

/**
 * `npm run bench -- <suite> [options]`: measures, and prints a table. With `--json`, exactly one JSON object on
 * standard output. Progress goes to standard error.
 */
async function main(argv: readonly string[]): Promise<void> {
  const [name = '', ...rest] = argv;
  const suite = find(name);
  const { json, help, ...values } = parse(suite, rest);
  if (help) {
    process.stdout.write(`${usage(name, suite)}\n`);
    return;
  }
  const result = await suite.run(values, (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`${json ? JSON.stringify(result) : suite.table(result)}\n`);
}

function find(name: string): Suite {
  const found = Object.hasOwn(SUITES, name) ? SUITES[name] : undefined;
  if (found) return found;
  const known = `the suites are ${Object.keys(SUITES).join(', ')}`;
  throw new UsageError(name ? `there is no suite ${name}: ${known}` : `npm run bench -- <suite>: ${known}`);
}

function parse(suite: Suite, args: string[]): OptionValues {
  const own = { json: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args, options: { ...suite.options, ...own }, strict: true, allowPositionals: false })
      .values;
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

function usage(name: string, { title, help }: Suite): string {
  const lines = Object.entries({ ...help, json: 'one JSON object instead of a table' });
  return [`${name}: ${title}`, ...lines.map(([option, text]) => `  --${option.padEnd(10)} ${text}`)].join(
    '\n',
  );
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
