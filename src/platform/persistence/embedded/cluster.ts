import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { AppError, systemCodeOf } from '../../../errors';
import { type Binaries } from './binaries';
import { explained } from './data-directory';
import { isRunning } from './processes';
import { type RuntimeUser } from './runtime-user';

/** A database on disk: `data`, the server's own folder; `secret`, the owner's password; `port`, its last port. */
export class Cluster {
  constructor(readonly folder: string) {}

  get data(): string {
    return path.join(this.folder, 'data');
  }

  /** The folder is moved into place as a whole: when it is there, it is complete. */
  get exists(): boolean {
    return fs.existsSync(this.folder);
  }

  /** The owner's connection string on this port. */
  url(port: number): string {
    const secret = fs.readFileSync(path.join(this.folder, 'secret'), 'utf8').trim();
    return `postgres://postgres:${secret}@127.0.0.1:${port}/postgres`;
  }

  /** The port of the last start, so that addresses stay valid over restarts; null before the first. */
  get lastPort(): number | null {
    try {
      return Number(fs.readFileSync(path.join(this.folder, 'port'), 'utf8')) || null;
    } catch {
      return null;
    }
  }

  rememberPort(port: number): void {
    const file = path.join(this.folder, 'port');
    // Removed first: it may be root's, from a start as root.
    fs.rmSync(file, { force: true });
    fs.writeFileSync(file, `${port}\n`);
  }

  /** What the running server says of itself; null when none has been started. */
  get running(): { pid: number; port: number; ready: boolean } | null {
    try {
      const lines = fs.readFileSync(path.join(this.data, 'postmaster.pid'), 'utf8').split('\n');
      return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
    } catch {
      return null;
    }
  }

  /** Takes away the lock of a server that is certainly gone, for a process that has its number now. */
  forgetServer(): void {
    fs.rmSync(path.join(this.data, 'postmaster.pid'), { force: true });
  }
}

/**
 * Where the server finds its data, seen from a process whose working directory the data is. Root's server runs as a
 * user who may not be able to enter the folders above; on Linux this path reaches the working directory without
 * passing through them.
 */
export function dataArgument(data: string, user: RuntimeUser): string {
  return user.uid !== null && process.platform === 'linux' ? '/proc/self/cwd' : data;
}

/**
 * Makes the database when there is none. It is made apart and moved into place as a whole, password included: after
 * a failure or a kill at any moment it is complete or absent. Of several processes at once, one wins.
 *
 * @throws AppError UNAVAILABLE when it cannot be made
 */
export function ensureCluster(dataDirectory: string, binaries: Binaries, user: RuntimeUser): Cluster {
  const cluster = new Cluster(path.join(dataDirectory, 'postgres'));
  explained(dataDirectory, () => {
    if (!cluster.exists) create(dataDirectory, cluster, { binaries, user });
  });
  checkVersion(cluster, binaries.major);
  return cluster;
}

function create(
  dataDirectory: string,
  cluster: Cluster,
  { binaries, user }: { binaries: Binaries; user: RuntimeUser },
): void {
  removeAbandoned(dataDirectory);
  const unfinished = new Cluster(fs.mkdtempSync(path.join(dataDirectory, `postgres.new-${process.pid}-`)));
  try {
    fs.chmodSync(unfinished.folder, user.uid === null ? 0o700 : 0o711);
    fs.mkdirSync(unfinished.data, { mode: 0o700 });
    const password = randomBytes(24).toString('hex');
    fs.writeFileSync(path.join(unfinished.folder, 'secret'), `${password}\n`, { mode: 0o600 });
    // initdb reads the password as the runtime user, who must not be able to read the secret itself.
    const handover = path.join(unfinished.folder, 'password');
    fs.writeFileSync(handover, `${password}\n`, { mode: 0o600 });
    if (user.uid !== null && user.gid !== null) {
      fs.chownSync(unfinished.data, user.uid, user.gid);
      fs.chownSync(handover, user.uid, user.gid);
    }
    runInitdb(unfinished.data, binaries, user);
    fs.rmSync(handover);
    fs.renameSync(unfinished.folder, cluster.folder);
  } catch (error) {
    if (!cluster.exists) throw error;
    // Another process was quicker; its database is the one.
  } finally {
    fs.rmSync(unfinished.folder, { recursive: true, force: true });
  }
}

function runInitdb(data: string, { initdb }: Binaries, user: RuntimeUser): void {
  const { status, error, stderr } = spawnSync(
    initdb,
    [
      ...[
        '-D',
        dataArgument(data, user),
        '-U',
        'postgres',
        '-A',
        'scram-sha-256',
        '--pwfile=../password',
        '-E',
        'UTF8',
      ],
      ...[
        '--locale-provider=builtin',
        '--locale=C.UTF-8',
        '--lc-collate=C',
        '--lc-ctype=C',
        '--lc-messages=C',
      ],
    ],
    { ...user.identity, cwd: data, env: { LC_ALL: 'C', PATH: process.env['PATH'] }, encoding: 'utf8' },
  );
  if (status === 0) return;
  const reason = error?.message ?? /error: (.*)/.exec(stderr)?.[1] ?? (stderr.trim() || 'initdb was killed');
  throw new AppError(
    'UNAVAILABLE',
    `the embedded database cannot be made in ${data} (${reason}): remove the cause, or set DATABASE_URL to a PostgreSQL server`,
  );
}

/** Removes what processes that were killed while making a database left behind. */
function removeAbandoned(dataDirectory: string): void {
  for (const name of fs.readdirSync(dataDirectory)) {
    const pid = /^postgres\.new-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && Number(pid) !== process.pid && !isRunning(Number(pid))) {
      fs.rmSync(path.join(dataDirectory, name), { recursive: true, force: true });
    }
  }
}

function checkVersion({ data }: Cluster, major: number): void {
  let version: string;
  try {
    version = fs.readFileSync(path.join(data, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    const closed = systemCodeOf(error) === 'EACCES';
    const problem = closed ? 'belongs to another user: start as that user' : 'is damaged: restore a backup';
    throw new AppError(
      'INVALID_CONFIGURATION',
      `the database in ${data} ${problem}, or set PROPENSITY_DATA_DIRECTORY to another folder`,
      [],
      { cause: error },
    );
  }
  if (version === String(major)) return;
  throw new AppError(
    'INVALID_CONFIGURATION',
    `the database in ${data} was made by PostgreSQL ${version} and this is ${major}: upgrade it, or set PROPENSITY_DATA_DIRECTORY to another folder`,
  );
}
