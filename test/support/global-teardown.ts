import { once } from 'node:events';

/** Ends the run's PostgreSQL, which removes its files. */
export default async function globalTeardown(): Promise<void> {
  const server = globalThis.testServer;
  if (server && server.exitCode === null && server.signalCode === null) {
    server.ref();
    const exited = once(server, 'exit');
    server.disconnect();
    await exited;
  }
}
