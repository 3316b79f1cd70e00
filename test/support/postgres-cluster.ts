import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { runtimeUser } from '../../src/platform/persistence/embedded/runtime-user';
import { freePort } from './free-port';

const PROGRAMS = ['initdb', 'postgres', 'psql', 'pg_isready', 'pg_dump', 'pg_dumpall', 'pg_restore'];
const DEBIAN = '/usr/lib/postgresql';

/** The folder of a PostgreSQL with its programs for backups on this machine, or null. */
export function postgresPrograms(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => path.join(DEBIAN, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(path.delimiter),
  ];
  return (
    folders.find((folder) => PROGRAMS.every((program) => existsSync(path.join(folder, program)))) ?? null
  );
}

/** A PostgreSQL as an operator has it: a superuser, and a role that may create a database and roles for the platform. */
export class PostgresCluster {
  private constructor(
    private readonly programs: string,
    private readonly folder: string,
    private readonly server: ChildProcess,
    /** Connection string of the superuser. */
    readonly superuserUrl: string,
  ) {}

  static async start(programs: string): Promise<PostgresCluster> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'propensity-cluster-'));
    const { identity, uid } = runtimeUser(folder);
    const data = path.join(folder, 'data');
    mkdirSync(data);
    const password = path.join(folder, 'password');
    writeFileSync(password, 'superuser');
    // PostgreSQL refuses to run as root.
    if (uid !== null) execFileSync('chown', ['-R', String(uid), folder]);
    execFileSync(
      path.join(programs, 'initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', password, '--no-sync'],
      { ...identity, cwd: folder, stdio: 'ignore' },
    );
    const port = await freePort();
    const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off' };
    const server = spawn(
      path.join(programs, 'postgres'),
      ['-D', data, '-p', String(port), ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])],
      { ...identity, cwd: folder, stdio: 'ignore' },
    );
    const url = `postgres://postgres:superuser@127.0.0.1:${port}/postgres`;
    const cluster = new PostgresCluster(programs, folder, server, url);
    while (!(await cluster.isReady())) {
      if (server.exitCode !== null) throw new Error('PostgreSQL did not start');
      await sleep(50);
    }
    return cluster;
  }

  /** Runs one of PostgreSQL's programs to its end. @returns what it wrote */
  async run(program: string, ...options: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(path.join(this.programs, program), options, {
      maxBuffer: 2 ** 28,
    });
    return stdout;
  }

  /** Connection string to a database of this cluster. */
  url(user: string, password: string, database: string): string {
    const url = new URL(this.superuserUrl);
    Object.assign(url, { username: user, password, pathname: `/${database}` });
    return url.toString();
  }

  /** Ends it and destroys what it has. */
  async destroy(): Promise<void> {
    if (this.server.exitCode === null && this.server.signalCode === null) {
      const ended = once(this.server, 'exit');
      this.server.kill('SIGQUIT');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async isReady(): Promise<boolean> {
    return this.run('pg_isready', '-d', this.superuserUrl).then(
      () => true,
      () => false,
    );
  }
}
