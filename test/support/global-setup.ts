import { execFileSync, fork } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');

/**
 * Builds what child processes and worker threads run, and starts one PostgreSQL for the whole run. Nobody waits for
 * it here: a test that needs a database does (`createTestDatabase`), the others don't.
 */
export default function globalSetup(): void {
  execFileSync(process.execPath, [path.join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'propensity-test-'));
  process.env['TEST_SERVER_FOLDER'] = folder;
  const server = fork(path.join(root, 'dist/test/support/postgres-server.js'), [folder], {
    // Ends by its channel's closing, in order, even when this process is killed.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  server.unref();
  server.channel?.unref();
  globalThis.testServer = server;
}
