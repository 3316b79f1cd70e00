/**
 * A process that uses the embedded PostgreSQL of a folder until it is asked to end (SIGTERM) or killed.
 * Says on standard output, as JSON lines, where the server is, and each notice.
 */
import { messageOf } from '../../src/errors';
import { startEmbeddedPostgres } from '../../src/platform/persistence/embedded-postgres';

const say = (message: object): boolean => process.stdout.write(`${JSON.stringify(message)}\n`);

startEmbeddedPostgres({
  dataDirectory: process.argv[2] ?? '',
  settings: { fsync: 'off' },
  onNotice: (notice) => say({ notice }),
}).then(
  (server) => {
    process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)));
    say({ ownerUrl: server.ownerUrl, adopted: server.adopted });
  },
  (error: unknown) => {
    say({ error: messageOf(error) });
    process.exitCode = 1;
  },
);
