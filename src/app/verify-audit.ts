import 'reflect-metadata';
import { messageOf } from '../errors';
import { type ChainReport, verifyChains } from '../platform/audit/verify-chain';
import { loadConfig } from '../platform/config/config';
import { startEmbeddedPostgres } from '../platform/persistence/embedded-postgres';
import { readOptions } from './audit/options';

/**
 * `npm run verify:audit`: computes the audit logs' chains again, of every tenant or of one, and prints the end of each,
 * or where it breaks first. Exits 1 when one is broken. It reads the database in `DATABASE_URL`, or the embedded one.
 */
async function main(): Promise<void> {
  const { json, ...options } = readOptions(process.argv.slice(2));
  const { databaseUrl, dataDirectory } = loadConfig(process.env);
  const embedded = databaseUrl === null ? await startEmbeddedPostgres({ dataDirectory }) : null;
  try {
    const reports = await verifyChains(databaseUrl ?? embedded?.ownerUrl ?? '', options);
    const text = json ? JSON.stringify({ tenants: reports }) : reports.map(line).join('\n');
    process.stdout.write(`${text === '' ? 'There are no entries yet.' : text}\n`);
    if (reports.some(({ broken }) => broken !== null)) process.exitCode = 1;
  } finally {
    await embedded?.stop();
  }
}

function line({ tenantId, head, broken }: ChainReport): string {
  const end = `${head.sequence}:${head.hash}`;
  if (broken === null) return `${tenantId}  whole, ${head.sequence} entries, head ${end}`;
  return `${tenantId}  BROKEN at entry ${broken.sequence}: ${broken.problem}; good until ${end}`;
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
