import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import { createServer } from 'node:net';
import { AppError } from '../../../errors';
import { type Binaries } from './binaries';
import { type Cluster, dataArgument } from './cluster';
import { exists, isPostgres, pause } from './processes';
import { type RuntimeUser } from './runtime-user';
import { type ServerUse, useServer } from './server-use';

/** Recovery after a crash may replay much; a server that lives and recovers is waited for. */
const START_TIMEOUT_MS = 120_000;
/** How long a server that says it is ready may stay silent before its lock is taken for a leftover. */
const SILENCE_MS = 10_000;
const POLL_MS = 20;
/** What the server says when trying again can help: another start was quicker, or a killed server's children still end. */
const PASSING =
  /ended at once|lock file .* already exists|could not bind|could not create any TCP\/IP sockets|shared memory block .* in use/;
/**
 * Ports that are offered: below those that systems give to outgoing connections, one of which could otherwise take the port
 * while the server is away, and then nobody could bring it back at the address that its users know.
 */
const PORTS = { from: 20_000, to: 30_000, tries: 50 };

export interface ServerPlace {
  readonly cluster: Cluster;
  readonly binaries: Binaries;
  readonly user: RuntimeUser;
  readonly log: { readonly fd: number; readonly file: string };
  /** Further server settings, such as `fsync: 'off'`. */
  readonly settings: Readonly<Record<string, string>>;
  /** The port that it must have, because its users know it; null: any. */
  readonly port: number | null;
  /** Ends the attempt; a server that was started for it ends too. */
  readonly signal: AbortSignal;
}

export interface RunningServer {
  readonly port: number;
  readonly pid: number;
  /** Whether it ran already. */
  readonly adopted: boolean;
  readonly use: ServerUse;
}

/**
 * Begins to use the cluster's server, which is started unless it runs. Of several processes at once, the server
 * itself lets one start it; the others adopt it.
 *
 * @throws AppError UNAVAILABLE when it does not come up
 */
export async function reachServer(place: ServerPlace): Promise<RunningServer> {
  const { cluster } = place;
  const deadline = Date.now() + START_TIMEOUT_MS;
  let silentSince: number | null = null;
  for (;;) {
    const running = cluster.running;
    const alive = running !== null && isPostgres(running.pid);
    if (alive && running.ready) {
      const use = await useServer(cluster.url(running.port));
      if (use && place.port !== null && place.port !== running.port) {
        await use.release();
        throw failed(
          place,
          `it was started on port ${running.port} and its users know ${place.port}: restart them`,
        );
      }
      if (use) return { port: running.port, pid: running.pid, adopted: true, use };
      silentSince ??= Date.now();
    } else {
      silentSince = null;
    }
    place.signal.throwIfAborted();
    if (Date.now() > deadline) throw failed(place, `it did not answer within ${START_TIMEOUT_MS / 1000} s`);
    const silent = silentSince !== null && Date.now() - silentSince > SILENCE_MS;
    if (alive && !silent) {
      await pause(POLL_MS);
      continue;
    }
    // The server takes a lock with the number of a living process for a server's; that it is none, only we know.
    if (running !== null && !alive && exists(running.pid)) cluster.forgetServer();
    const started = await start(place);
    if (typeof started !== 'string') return started;
    if (!PASSING.test(started) || Date.now() > deadline) throw failed(place, started);
    await pause(5 * POLL_MS);
  }
}

/** Starts the server and waits until it is ready; the reason when it ends instead. */
async function start(place: ServerPlace): Promise<RunningServer | string> {
  const { cluster, binaries, user, log } = place;
  const port = place.port ?? (await anyPort(cluster.lastPort));
  if (port === null || !(await isFree(port))) return 'could not bind its port, which another program has';
  const logStart = fs.statSync(log.file).size;
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    log_checkpoints: 'off',
    // What fails is told to who asked: its statement and the row that it is about are no matter of a log.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...place.settings,
  };
  const server = spawn(
    binaries.postgres,
    [
      '-D',
      dataArgument(cluster.data, user),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    {
      ...user.identity,
      cwd: cluster.data,
      env: { LC_ALL: 'C', PATH: process.env['PATH'] },
      stdio: ['ignore', log.fd, log.fd],
      // A session of its own: Ctrl-C at the terminal must not end it before those who use it.
      detached: true,
    },
  );
  const end: { reason?: string } = {};
  server.once('error', ({ message }) => (end.reason = message));
  server.once('exit', () => (end.reason ??= lastFatal(log.file, logStart)));
  server.unref();
  while (cluster.running?.pid !== server.pid || cluster.running?.ready !== true) {
    if (end.reason !== undefined) return end.reason;
    if (place.signal.aborted) server.kill('SIGINT');
    await pause(POLL_MS);
  }
  const use = await useServer(cluster.url(port));
  if (!use || server.pid === undefined) return 'it was ended at once by another process';
  cluster.rememberPort(port);
  return { port, pid: server.pid, adopted: false, use };
}

/** The server's last words since a place in its log. */
function lastFatal(file: string, from: number): string {
  const text = fs.readFileSync(file).subarray(from).toString();
  const lines = [...text.matchAll(/(?:FATAL|PANIC): +(.*)/g)].map((match) => match[1] ?? '');
  return lines[0] ?? (text.trim().split('\n').at(-1) || 'it ended without a word');
}

function failed({ log }: ServerPlace, reason: string): AppError {
  return new AppError('UNAVAILABLE', `the embedded PostgreSQL does not start (${reason}): see ${log.file}`);
}

/** The port of the last start when it is free, so that addresses stay valid over restarts; else any free one. */
async function anyPort(last: number | null): Promise<number | null> {
  if (last !== null && (await isFree(last))) return last;
  for (let tries = 0; tries < PORTS.tries; tries++) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await isFree(port)) return port;
  }
  return null;
}

/** Whether the port can be listened on. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
