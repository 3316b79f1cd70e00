import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { messageOf } from '../errors';
import { loadConfig } from '../platform/config/config';
import { MasterKeys } from '../platform/encryption/master-keys';
import { rewrapKeys } from '../platform/encryption/rewrap-keys';
import { Database } from '../platform/persistence/database';
import { startEmbeddedPostgres } from '../platform/persistence/embedded-postgres';
import { migrate } from '../platform/persistence/migrate';
import { listTenants } from '../platform/tenancy/tenants';

const PAGE = 100;

/**
 * `npm run rotate:master-key`: puts a new master key before the others in their file, and wraps all tenants' data keys with it.
 * With `--rewrap` it makes none: for keys in the environment, where the operator has put a new one first.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rewrap: { type: 'boolean', default: false } } });
  const config = loadConfig(process.env);
  const { databaseUrl, databaseAppUrl, dataDirectory } = config;
  const embedded = databaseUrl === null ? await startEmbeddedPostgres({ dataDirectory }) : null;
  try {
    const address = { ownerUrl: databaseUrl ?? embedded?.ownerUrl ?? '', applicationUrl: databaseAppUrl };
    await migrate(address);
    const database = await Database.connect({ ...address, entities: [], poolSize: 2 });
    try {
      const master = new MasterKeys(config);
      const { id } = values.rewrap ? await master.newest() : await master.rotate();
      const count = await rewrapAll(database, master);
      process.stdout.write(
        `The master key ${id} wraps from now on; ${count} data keys were wrapped by another before.\n` +
          'The keys after the first are no longer needed, except for backups from before.\n',
      );
    } finally {
      await database.close();
    }
  } finally {
    await embedded?.stop();
  }
}

async function rewrapAll(database: Database, master: MasterKeys): Promise<number> {
  const requestId = randomUUID();
  let count = 0;
  let after: string | null = null;
  do {
    const { items, endCursor, hasNextPage } = await listTenants(database, { first: PAGE, after });
    for (const { id: tenantId } of items)
      count += await rewrapKeys(database, master, { tenantId, requestId });
    after = hasNextPage ? endCursor : null;
  } while (after !== null);
  return count;
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
