import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';

const ENTRY = path.resolve(__dirname, '../../../dist/src/app/api-main.js');
const ADMIN_KEY = `pk_${'a'.repeat(43)}`;

let server: TestDatabase;
let folder: string;
const children = new Set<ChildProcess>();
beforeAll(async () => {
  server = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'propensity-api-process-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await server.drop();
  await rm(folder, { recursive: true, force: true });
});

interface Process {
  readonly child: ChildProcess;
  /** Everything that it wrote. */
  readonly output: () => { stdout: string; stderr: string };
  readonly exited: Promise<number | null>;
}

function start(environment: Record<string, string>): Process {
  const child = spawn(process.execPath, [ENTRY], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: server.ownerUrl,
      PROPENSITY_DATA_DIRECTORY: folder,
      PROPENSITY_PLATFORM_ADMIN_KEY: ADMIN_KEY,
      PROPENSITY_LOG_LEVEL: 'warn',
      PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  if (!child.stdout || !child.stderr) throw new Error('the process has no output');
  children.add(child);
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  // Not 'close', which a child whose channel we closed ourselves never emits.
  const ended = [once(child, 'exit'), finished(child.stdout), finished(child.stderr)] as const;
  const exited = Promise.all(ended).then(([[code]]) => {
    children.delete(child);
    return code as number | null;
  });
  return { child, output: () => text, exited };
}

/** Waits for the announcement. */
async function urlOf({ child, output, exited }: Process): Promise<string> {
  if (!child.stdout) throw new Error('the process has no output');
  await Promise.race([once(child.stdout, 'data'), exited]);
  const announcement: unknown = JSON.parse(output().stdout || 'null');
  if (typeof announcement !== 'object' || announcement === null || !('url' in announcement)) {
    throw new Error(`no announcement: ${JSON.stringify(output())}`);
  }
  return String(announcement.url);
}

describe('the API process', () => {
  it.each([
    ['is told to', (child: ChildProcess) => child.kill('SIGTERM')],
    ['its parent is gone', (child: ChildProcess) => child.disconnect()],
  ])('serves, and ends in order when %s', async (_name, end) => {
    const running = start({});
    const url = await urlOf(running);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_KEY}` },
      body: JSON.stringify({ query: '{ viewer { role } }' }),
    });
    expect(await response.json()).toEqual({ data: { viewer: { role: 'PLATFORM_ADMIN' } } });
    end(running.child);
    expect(await running.exited).toBe(0);
    const { stdout, stderr } = running.output();
    expect(stdout).toBe(`${JSON.stringify({ ready: true, url })}\n`);
    expect(stderr).not.toContain(ADMIN_KEY);
  });

  it('says which port is in use and what to do', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as net.AddressInfo;
    const failing = start({ PORT: String(port) });
    expect(await failing.exited).toBe(1);
    other.close();
    expect(failing.output()).toEqual({
      stdout: '',
      stderr: `Port ${port} on 127.0.0.1 is in use: end what listens there, or set PORT to another one (0 takes any free one)\n`,
    });
  });

  it.each([
    ['a malformed DATABASE_URL', { DATABASE_URL: 'postgres//nowhere' }, /^DATABASE_URL .*\n$/],
    ['no DATABASE_URL', { DATABASE_URL: '' }, /^DATABASE_URL is not set: .*\n$/],
    [
      'an unreachable database',
      { DATABASE_URL: 'postgres://u:p@127.0.0.1:1/x' },
      /^the database .* does not answer.*\n$/,
    ],
    ['a host of another machine', { HOST: '192.0.2.1' }, /^192\.0\.2\.1 is no address of this machine.*\n$/],
    ['a misspelt setting', { PROPENSITY_MAX_UPLOAD: '1' }, /^PROPENSITY_MAX_UPLOAD is not a setting.*\n$/],
  ])('does not start with %s, and says so in one line', async (_name, environment, line) => {
    const failing = start(environment);
    expect(await failing.exited).toBe(1);
    expect(failing.output().stdout).toBe('');
    expect(failing.output().stderr).toMatch(line);
  });

  it('does not start with a data folder that cannot be written, and says so in one line', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    const failing = start({ PROPENSITY_DATA_DIRECTORY: file });
    expect(await failing.exited).toBe(1);
    expect(failing.output().stderr).toMatch(/^the folder .* cannot be written .*\n$/);
  });
});

describe('metrics', () => {
  it('are told on a port of their own, and only where they are asked for', async () => {
    const started = start({ PROPENSITY_METRICS_PORT: '0', PROPENSITY_LOG_LEVEL: 'info' });
    const url = await urlOf(started);
    const said = /"url":"(http[^"]*\/metrics)"/.exec(started.output().stderr)?.[1];
    await fetch(new URL('/health/live', url));
    const text = await (await fetch(said ?? '')).text();
    expect(text).toMatch(/propensity_request_seconds_count\{[^}]*route="\/health\/live"[^}]*\} 1\n/);
    expect(text).toMatch(/propensity_inference_threads\{[^}]*\} 2\n/);
    expect((await fetch(new URL('/metrics', url))).status).toBe(404);
    started.child.kill('SIGTERM');
    expect(await started.exited).toBe(0);
  });
});
