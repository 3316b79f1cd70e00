import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { Client } from 'pg';
import { findBinaries } from '../../src/platform/persistence/embedded/binaries';
import { type RuntimeUser } from '../../src/platform/persistence/embedded/runtime-user';
import { freePort } from '../../test/support/free-port';
import { Service } from './service';

const ROLE = 'propensity';

/** A PostgreSQL server, with settings as they are shipped, and the database that an operator makes for the platform. */
export class Postgres {
  private constructor(
    readonly service: Service,
    readonly port: number,
    private readonly programs: {
      readonly initdb: string;
      readonly folder: string;
      readonly user: RuntimeUser;
    },
  ) {}

  static async create(folder: string, user: RuntimeUser): Promise<Postgres> {
    const { initdb, postgres } = findBinaries(user);
    mkdirSync(folder);
    if (user.uid !== null) chownSync(folder, user.uid, user.gid ?? user.uid);
    const port = await freePort();
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'];
    const service = new Service('postgres', {
      program: postgres,
      args: ['-D', folder, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
      options: { ...user.identity, cwd: folder, env: { LC_ALL: 'C', PATH: process.env['PATH'] } },
      isReady: () => ask(port, 'SELECT 1').then(Boolean, () => false),
    });
    return new Postgres(service, port, { initdb, folder, user });
  }

  async start(): Promise<void> {
    const { initdb, folder, user } = this.programs;
    execFileSync(
      initdb,
      ['-D', folder, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
      {
        ...user.identity,
        cwd: folder,
        stdio: 'ignore',
      },
    );
    await this.service.start();
    await this.ask(`CREATE ROLE ${ROLE} LOGIN CREATEROLE PASSWORD '${ROLE}'`);
    await this.ask(`CREATE DATABASE ${ROLE} OWNER ${ROLE}`);
  }

  /** The platform's connection string, by way of a link. */
  static url(port: number): string {
    return `postgres://${ROLE}:${ROLE}@127.0.0.1:${port}/${ROLE}`;
  }

  /** Connections of the platform that the server has. */
  async connections(): Promise<number> {
    const [row] = await this.ask(
      `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = '${ROLE}' AND backend_type = 'client backend'`,
    );
    return Number(row?.['count']);
  }

  /** Transactions that have been open for ten seconds, each with its last statement. */
  async forgottenTransactions(): Promise<string[]> {
    const rows = await this.ask(
      `SELECT application_name || ': ' || left(query, 200) AS text FROM pg_stat_activity WHERE datname = '${ROLE}'
       AND state LIKE 'idle in transaction%' AND state_change < now() - interval '10 seconds'`,
    );
    return rows.map(({ text }) => String(text));
  }

  private ask(sql: string): Promise<Record<string, unknown>[]> {
    return ask(this.port, sql);
  }
}

async function ask(port: number, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({
    connectionString: `postgres://postgres@127.0.0.1:${port}/postgres`,
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}
