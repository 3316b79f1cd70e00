import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from '../test/support/free-port';
import { createTestDatabase, type TestDatabase } from '../test/support/test-database';

const MAIN = path.resolve(__dirname, '../dist/queue-workers/main.js');

const folder = mkdtempSync(path.join(os.tmpdir(), 'propensity-worker-'));

/** Starts the worker with nothing but these variables, and waits until it has ended. */
async function run(environment: Record<string, string>) {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], PROPENSITY_DATA_DIRECTORY: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const status = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await status, stdout, lines: stderr.trimEnd().split('\n') };
}

describe('a worker that cannot start exits with status 1 and one line', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  it('without a database', async () => {
    const { status, stdout, lines } = await run({});
    expect({ status, stdout, count: lines.length }).toEqual({ status: 1, stdout: '', count: 1 });
    expect(lines[0]).toContain('DATABASE_URL');
  });

  it('with a malformed setting', async () => {
    const { status, lines } = await run({ PROPENSITY_TRAINING_CONCURRENCY: 'many' });
    expect({ status, count: lines.length }).toEqual({ status: 1, count: 1 });
    expect(lines[0]).toContain('PROPENSITY_TRAINING_CONCURRENCY');
  });

  it('when the database does not answer', async () => {
    const port = await freePort();
    const { status, lines } = await run({ DATABASE_URL: `postgres://owner:secret@127.0.0.1:${port}/none` });
    expect({ status, count: lines.length }).toEqual({ status: 1, count: 1 });
    expect(lines[0]).toContain('does not answer');
    expect(lines[0]).not.toContain('secret');
  });

  it('when Redis does not answer', async () => {
    const port = await freePort();
    const { status, lines } = await run({
      DATABASE_URL: database.ownerUrl,
      REDIS_URL: `redis://127.0.0.1:${port}`,
    });
    expect({ status, count: lines.length }).toEqual({ status: 1, count: 1 });
    expect(lines[0]).toContain('training queue does not answer');
  });
});
