/**
 * Keeps one PostgreSQL for a run of the tests, with a migrated template that each test database is a copy of.
 * `TEST_DATABASE_URL` names a server to use instead of the embedded one. Says where it is, or why it is not, in a
 * file of the folder, which it removes in the end, also when the run was killed.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../src/errors';
import { startEmbeddedPostgres } from '../../src/platform/persistence/embedded-postgres';
import { migrate } from '../../src/platform/persistence/migrate';
import { withOwner } from '../../src/platform/persistence/owner-connection';
import { onShutdown } from '../../src/platform/process/lifecycle';
import { type TestServer } from './test-server';

const template = `propensity_template_${process.pid}`;

interface Server {
  readonly ownerUrl: string;
  stop(): Promise<void>;
}

async function startServer(folder: string): Promise<Server> {
  const external = process.env['TEST_DATABASE_URL'];
  if (external !== undefined) {
    const stop = async (): Promise<void> => {
      await withOwner(external, (owner) => owner.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`));
    };
    return { ownerUrl: external, stop };
  }
  // The tests' data need not survive a power cut.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  return startEmbeddedPostgres({ dataDirectory: path.join(folder, 'postgres'), settings });
}

async function makeTemplate({ ownerUrl }: Server): Promise<TestServer> {
  await withOwner(ownerUrl, (owner) => owner.query(`CREATE DATABASE ${template}`));
  const url = new URL(ownerUrl);
  url.pathname = `/${template}`;
  await migrate(url.toString());
  return { ownerUrl, template };
}

function main(folder: string): void {
  const starting = startServer(folder);
  onShutdown({
    graceMs: 30_000,
    onError: (error) => process.stderr.write(`${messageOf(error)}\n`),
    stop: async () => {
      const server = await starting.catch(() => null);
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  });
  const announce = (server: TestServer): void => {
    const file = path.join(folder, 'server.json');
    writeFileSync(`${file}.new`, JSON.stringify(server));
    renameSync(`${file}.new`, file);
  };
  starting.then(makeTemplate).then(announce, (error: unknown) => announce({ error: messageOf(error) }));
}

main(process.argv[2] ?? '.');
