import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What the run's server process says of itself. */
export type TestServer =
  { readonly ownerUrl: string; readonly template: string } | { readonly error: string };

const TIMEOUT_MS = 50_000;

/** Waits until the run's PostgreSQL is ready. */
export async function testServer(): Promise<{ ownerUrl: string; template: string }> {
  const folder = process.env['TEST_SERVER_FOLDER'];
  if (folder === undefined) throw new Error('no test server: run the tests with jest and its global set-up');
  const file = path.join(folder, 'server.json');
  for (const deadline = Date.now() + TIMEOUT_MS; !existsSync(file);) {
    if (Date.now() > deadline) throw new Error('the test PostgreSQL did not start in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const server = JSON.parse(readFileSync(file, 'utf8')) as TestServer;
  if ('error' in server) throw new Error(`the test PostgreSQL did not start: ${server.error}`);
  return server;
}
