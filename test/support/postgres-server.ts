/**
 * Keeps one PostgreSQL for a run of the tests, with a migrated template that each test database is a copy of.
 * `TEST_DATABASE_URL` names a server to use instead of the embedded one. Says where it is, or why it is not, in a file.
 */
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../src/errors';
import { startEmbeddedPostgres } from '../../src/platform/persistence/embedded-postgres';
import { migrate } from '../../src/platform/persistence/migrate';
import { withOwner } from '../../src/platform/persistence/owner-connection';
import { onShutdown } from '../../src/platform/process/lifecycle';
import { type TestServer } from './test-server';

async function main(folder: string): Promise<void> {
  const announce = (server: TestServer): void => {
    const file = path.join(folder, 'server.json');
    writeFileSync(`${file}.new`, JSON.stringify(server));
    renameSync(`${file}.new`, file);
  };
  const external = process.env['TEST_DATABASE_URL'];
  const template = `propensity_template_${process.pid}`;
  let stop: () => Promise<void> = () => Promise.resolve();
  let ownerUrl = '';
  onShutdown({
    graceMs: 20_000,
    onError: (error) => process.stderr.write(`${messageOf(error)}\n`),
    stop: async () => {
      if (external !== undefined && ownerUrl !== '') {
        await withOwner(ownerUrl, (owner) => owner.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`));
      }
      await stop();
    },
  });
  try {
    if (external === undefined) {
      // The tests' data need not survive a power cut.
      const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
      const server = await startEmbeddedPostgres({ dataDirectory: path.join(folder, 'postgres'), settings });
      ownerUrl = server.ownerUrl;
      stop = () => server.stop();
    } else {
      ownerUrl = external;
    }
    await withOwner(ownerUrl, (owner) => owner.query(`CREATE DATABASE ${template}`));
    const url = new URL(ownerUrl);
    url.pathname = `/${template}`;
    await migrate(url.toString());
    announce({ ownerUrl, template });
  } catch (error) {
    announce({ error: messageOf(error) });
  }
}

void main(process.argv[2] ?? '.');
