import { once } from 'node:events';
import { rmSync } from 'node:fs';

/** Ends the run's PostgreSQL and removes its files. */
export default async function globalTeardown(): Promise<void> {
  const server = globalThis.testServer;
  if (server && server.exitCode === null && server.signalCode === null) {
    server.ref();
    const exited = once(server, 'exit');
    server.disconnect();
    await exited;
  }
  const folder = process.env['TEST_SERVER_FOLDER'];
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
