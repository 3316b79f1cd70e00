import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { freePort } from './free-port';

const PROGRAMS = ['redis-server', 'valkey-server'];
const START_TIMEOUT_MS = 30_000;

export interface TestRedis {
  readonly url: string;
  stop(): Promise<void>;
}

/** The server program on this machine, or null. */
export function redisProgram(): string | null {
  return PROGRAMS.find((program) => spawnSync(program, ['--version']).status === 0) ?? null;
}

/**
 * A suite that needs Redis. It gets a server of its own (or the one in `TEST_REDIS_URL`); where there is none, the
 * suite is reported as skipped, by name.
 */
export function describeWithRedis(name: string, suite: (redisUrl: () => string) => void): void {
  const external = process.env['TEST_REDIS_URL'];
  const program = external === undefined ? redisProgram() : null;
  if (external === undefined && program === null) {
    describe.skip(`${name} (needs redis-server)`, () => suite(() => ''));
    return;
  }
  describe(name, () => {
    let server: TestRedis | null = null;
    beforeAll(async () => {
      if (program !== null) server = await startRedis(program);
    });
    afterAll(() => server?.stop());
    suite(() => external ?? server?.url ?? '');
  });
}

/** Starts a server on a free port with an empty folder. */
export async function startRedis(program: string): Promise<TestRedis> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'propensity-redis-'));
  const port = await freePort();
  const server = spawn(
    program,
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
    { stdio: 'ignore' },
  );
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await listening(port, server);
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      server.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listening(port: number, server: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + START_TIMEOUT_MS; ;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    if (server.exitCode !== null || Date.now() > deadline) throw new Error('redis-server did not start');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
