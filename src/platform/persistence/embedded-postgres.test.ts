import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EmbeddedChild } from '../../../test/support/embedded-child';
import { findBinaries } from './embedded/binaries';
import { Cluster, ensureCluster } from './embedded/cluster';
import { isRunning, pause } from './embedded/processes';
import { runtimeUser } from './embedded/runtime-user';
import { startEmbeddedPostgres } from './embedded-postgres';
import { withOwner } from './owner-connection';

const isRoot = process.getuid?.() === 0;
const folders: string[] = [];
const children: EmbeddedChild[] = [];
/** A database that is made once: every test that uses it leaves it stopped and whole. */
const shared = newFolder();

function newFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'propensity-embedded-'));
  folders.push(folder);
  return folder;
}

async function startChild(...parameters: Parameters<typeof EmbeddedChild.start>): Promise<EmbeddedChild> {
  const child = await EmbeddedChild.start(...parameters);
  children.push(child);
  return child;
}

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await condition()); tries++) {
    if (tries > 1_000) throw new Error(`did not happen: ${condition.toString()}`);
    await pause(20);
  }
}

const serverPid = (folder: string): number => new Cluster(path.join(folder, 'postgres')).running?.pid ?? 0;
const serverGone = (folder: string): boolean => serverPid(folder) === 0 || !isRunning(serverPid(folder));

/** The watchdogs of a process: what it started, the server aside. */
function watchdogsOf({ pid }: EmbeddedChild): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, , program]) => Number(parent) === pid && program?.endsWith('watchdog.js'))
    .map(([child]) => Number(child));
}

async function remember(url: string): Promise<void> {
  await withOwner(url, (owner) =>
    owner.query('CREATE TABLE IF NOT EXISTS kept (v int); INSERT INTO kept VALUES (1)'),
  );
}
const remembered = (url: string): Promise<number | null> =>
  withOwner(url, async (owner) => (await owner.query('SELECT FROM kept')).rowCount);

/** A test that fails leaves nothing that uses the next one's database. */
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
  await eventually(() => serverGone(shared));
});

afterAll(async () => {
  for (const folder of folders) {
    await eventually(() => serverGone(folder));
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

describe('embedded PostgreSQL', () => {
  it('keeps its data and its address over a restart, its secret to itself, and leaves no process', async () => {
    const dataDirectory = shared;
    const first = await startEmbeddedPostgres({ dataDirectory });
    expect(first.adopted).toBe(false);
    await remember(first.ownerUrl);
    await first.stop();
    expect(serverGone(dataDirectory)).toBe(true);
    expect(fs.statSync(path.join(dataDirectory, 'postgres', 'secret')).mode & 0o777).toBe(0o600);
    const second = await startEmbeddedPostgres({ dataDirectory });
    expect(second.ownerUrl).toBe(first.ownerUrl);
    expect(await remembered(second.ownerUrl)).toBeGreaterThan(0);
    await second.stop();
    await second.stop();
  });

  it('is shared by all who start it at once, and ends when the last is killed', async () => {
    const folder = shared;
    const users = await Promise.all([1, 2, 3].map(() => startChild(folder)));
    expect(new Set(users.map(({ url }) => url)).size).toBe(1);
    expect(users.filter(({ started }) => started.adopted === false)).toHaveLength(1);
    const [first, second, third] = users as [EmbeddedChild, EmbeddedChild, EmbeddedChild];
    await first.stop();
    await second.kill();
    await remember(third.url);
    await third.kill();
    await eventually(() => serverGone(folder));
  });

  it('comes back at the same address when the server is killed', async () => {
    const folder = shared;
    const user = await startChild(folder);
    await remember(user.url);
    const before = serverPid(folder);
    process.kill(before, 'SIGKILL');
    await eventually(() => user.notices.length >= 2);
    expect(user.notices.at(-1)).toBe('the embedded PostgreSQL is up again');
    expect(serverPid(folder)).not.toBe(before);
    expect(await remembered(user.url)).toBeGreaterThan(0);
    await user.stop();
    expect(serverGone(folder)).toBe(true);
  });

  it('is adopted when its launcher and watchdog are killed, and ends with whoever adopted it', async () => {
    const folder = shared;
    const user = await startChild(folder);
    const [watchdog] = watchdogsOf(user);
    process.kill(watchdog ?? 0, 'SIGKILL');
    // Another watchdog takes its place.
    await eventually(() => watchdogsOf(user).some((pid) => pid !== watchdog));
    for (const pid of watchdogsOf(user)) process.kill(pid, 'SIGSTOP');
    const stopped = watchdogsOf(user);
    await user.kill();
    const heir = await startChild(folder);
    expect(heir.started).toEqual({ ownerUrl: user.url, adopted: true });
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
    await eventually(() => stopped.every((pid) => !isRunning(pid)));
    await remember(heir.url);
    await heir.kill();
    await eventually(() => serverGone(folder));
  });

  it('recovers when every process is killed at once', async () => {
    const folder = shared;
    const user = await startChild(folder);
    await remember(user.url);
    const server = serverPid(folder);
    for (const pid of [...watchdogsOf(user), server]) process.kill(pid, 'SIGKILL');
    await user.kill();
    await eventually(() => !isRunning(server));
    const next = await startChild(folder);
    expect(await remembered(next.url)).toBeGreaterThan(0);
    await next.stop();
  });

  it('is not misled by a lock whose process number belongs to another program now', async () => {
    const folder = shared;
    const first = await startEmbeddedPostgres({ dataDirectory: folder });
    const lock = path.join(folder, 'postgres', 'data', 'postmaster.pid');
    const text = fs.readFileSync(lock, 'utf8');
    await first.stop();
    fs.writeFileSync(lock, text.replace(/^\d+/, String(process.pid)));
    const second = await startEmbeddedPostgres({ dataDirectory: folder });
    expect(second.adopted).toBe(false);
    await second.stop();
  });

  it('stands twice in parallel, and is made once by two at the same time, in a folder closed to others', async () => {
    const closed = newFolder();
    fs.chmodSync(closed, 0o700);
    const folder = path.join(closed, '.propensity');
    const [one, other, another] = await Promise.all([
      startChild(shared),
      startChild(folder),
      startChild(folder),
    ]);
    expect(other.url).toBe(another.url);
    expect(one.url).not.toBe(other.url);
    await remember(other.url);
    await Promise.all([one.stop(), other.stop(), another.stop()]);
    expect([shared, folder].map(serverGone)).toEqual([true, true]);
    expect(fs.readdirSync(folder).sort()).toEqual(['postgres', 'postgres.log']);
  });
});

describe('a data directory that cannot be used', () => {
  it('is named in one line when it cannot be written', async () => {
    const folder = newFolder();
    // Root may write everywhere, but not below a file.
    const dataDirectory = isRoot ? path.join(folder, 'file', 'data') : path.join(folder, 'data');
    if (isRoot) fs.writeFileSync(path.join(folder, 'file'), '');
    else fs.chmodSync(folder, 0o500);
    const start = startEmbeddedPostgres({ dataDirectory });
    await expect(start).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: expect.stringMatching(
        /^the data directory \S+ cannot be written \(\w+\): make it writable, or set PROPENSITY_DATA_DIRECTORY to a folder that is$/,
      ) as string,
    });
  });

  it('holds nothing when the database could not be made, and the next start makes it', () => {
    const folder = newFolder();
    const user = runtimeUser(folder);
    const binaries = findBinaries(user);
    const initdb = path.join(folder, 'failing-initdb');
    fs.writeFileSync(initdb, '#!/bin/sh\nmkdir half\necho "initdb: error: no space left" >&2\nexit 1\n', {
      mode: 0o755,
    });
    fs.chmodSync(folder, 0o755);
    expect(() => ensureCluster(folder, { ...binaries, initdb }, user)).toThrow(
      /cannot be made in .* \(no space left\): remove the cause/,
    );
    expect(fs.readdirSync(folder)).toEqual(['failing-initdb']);
    // What a process that was killed meanwhile left behind goes as well.
    fs.mkdirSync(path.join(folder, 'postgres.new-4194305-abc', 'data'), { recursive: true });
    expect(ensureCluster(folder, binaries, user).exists).toBe(true);
    expect(fs.readdirSync(folder).sort()).toEqual(['failing-initdb', 'postgres']);
  });

  it('says so when it was made by another version', () => {
    const folder = newFolder();
    const user = runtimeUser(folder);
    fs.mkdirSync(path.join(folder, 'postgres', 'data'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'postgres', 'data', 'PG_VERSION'), '14\n');
    expect(() => ensureCluster(folder, findBinaries(user), user)).toThrow(
      /was made by PostgreSQL 14 and this is 18/,
    );
  });
});
