import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { AppError, messageOf } from '../errors';
import { checkReceipt } from './privacy/verify-receipt';

const USAGE = 'npm run verify:receipt -- <receipt.json> [--key <public-key.pem>] [--json]';

/**
 * `npm run verify:receipt`: says whether the receipt of an erasure is signed by a key and what it says. Exits 1 when it is
 * not. It needs no database.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2),
    options: { key: { type: 'string' }, json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new AppError('BAD_USER_INPUT', USAGE);
  const key = values.key === undefined ? null : await readFile(values.key, 'utf8');
  const { isSigned, content } = checkReceipt(await readFile(file, 'utf8'), key);
  if (!isSigned) process.exitCode = 1;
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ isSigned, content })}\n`);
    return;
  }
  const removed = (content?.removed ?? []).map(({ what, count }) => `  ${what}: ${count}`);
  const versions = (content?.modelVersions ?? []).map(
    ({ modelVersionId, outcome }) => `  version ${modelVersionId}: ${outcome}`,
  );
  const head = content
    ? `signed: receipt ${content.receiptId} of ${content.subject}, ${content.completedAt}`
    : 'NOT SIGNED by this key, or changed since';
  process.stdout.write(`${[head, ...removed, ...versions].join('\n')}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
