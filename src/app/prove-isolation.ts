import 'reflect-metadata';
import { AppError, messageOf } from '../errors';
import { discoverDomains } from './discover-domains';
import { readOptions } from './isolation/options';
import { reportOf } from './isolation/report';
import { proveIsolation } from './isolation/run-proof';

/**
 * `npm run prove:isolation -- --url …`: fills two tenants of a running deployment and tries every operation of its schema
 * as one of them with the other's ids, cursors, links and keys. Prints what it tried; exits 1 when anything came through.
 */
async function main(): Promise<void> {
  const { json, ...options } = readOptions(process.argv.slice(2));
  const [domain] = discoverDomains();
  if (!domain) throw new AppError('INVALID_CONFIGURATION', 'there is no domain to make data of');
  const proof = await proveIsolation({
    ...options,
    domain,
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(`${json ? JSON.stringify(proof) : reportOf(proof)}\n`);
  if (proof.findings.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
