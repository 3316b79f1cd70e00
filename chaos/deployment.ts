import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RuntimeUser, runtimeUser } from '../src/platform/persistence/embedded/runtime-user';
import { platformEnvironment } from '../test/support/platform-environment';
import { freePort } from '../test/support/free-port';
import { canRunAs, Disk, reasonAgainstReadOnly } from './processes/disk';
import { Link } from './processes/link';
import { Postgres } from './processes/postgres';
import { processesIn, signal } from './processes/proc';
import { createRedis, type Redis } from './processes/redis';
import { Service } from './processes/service';

const DIST = path.resolve(__dirname, '..');
const ENTRIES = { api: 'src/app/api-main.js', worker: 'queue-workers/main.js' };
const SERVER_TIMEOUT_MS = 10_000;
const ROOT_USER: RuntimeUser = { identity: {}, uid: null, gid: null };

/** An API or a worker with what it reaches the others by. */
export interface Member {
  readonly role: keyof typeof ENTRIES;
  readonly service: Service;
  readonly links: readonly Link[];
}

/** A whole platform on this machine, each part a process of its own; every line between them can be cut. */
export class Deployment {
  readonly members: Member[] = [];
  readonly adminKey = `pk_${randomBytes(32).toString('base64url')}`;
  private readonly masterKey = randomBytes(32).toString('base64');
  url = '';

  private constructor(
    private readonly folder: string,
    private readonly user: RuntimeUser,
    readonly postgres: Postgres,
    readonly redis: Redis | null,
  ) {}

  static async create(): Promise<Deployment> {
    const folder = mkdtempSync(path.join(tmpdir(), 'propensity-chaos-'));
    chmodSync(folder, 0o755);
    const server = runtimeUser(path.join(folder, 'postgres'));
    // An ordinary user, whom modes of files hold for, as in the image.
    const user = canRunAs(server, path.join(DIST, ENTRIES.api)) ? server : ROOT_USER;
    const postgres = await Postgres.create(path.join(folder, 'postgres'), server);
    return new Deployment(folder, user, postgres, await createRedis(path.join(folder, 'redis')));
  }

  get disk(): Disk {
    return new Disk(path.join(this.folder, 'objects'));
  }

  /** What cannot be done here, in words. */
  get omitted(): string[] {
    const readOnly = reasonAgainstReadOnly(this.user);
    return [
      ...(this.redis
        ? []
        : ['no faults of Redis: redis-server is not installed; the queue is in PostgreSQL']),
      ...(readOnly === null ? [] : [readOnly]),
    ];
  }

  get services(): Service[] {
    const { postgres, redis, members } = this;
    return [postgres.service, ...(redis ? [redis.service] : []), ...members.map(({ service }) => service)];
  }

  async start(): Promise<void> {
    await this.postgres.start();
    await this.redis?.service.start();
    this.ownFolder(this.disk.folder);
    for (const [role, name] of [
      ['api', 'api'],
      ['worker', 'worker-1'],
      ['worker', 'worker-2'],
    ] as const)
      await (await this.addMember(role, name)).service.start();
  }

  /** Ends all of it, in a time that has a bound. */
  async end(): Promise<void> {
    const { postgres, redis, members } = this;
    for (const { service } of members) service.abandon();
    redis?.service.abandon();
    // Killed, it would leave its shared memory to the machine.
    postgres.service.signal('SIGCONT', true);
    postgres.service.signal('SIGQUIT', false);
    await postgres.service.hasEndedWithin(SERVER_TIMEOUT_MS);
    this.abandon();
  }

  /** Kills all that was started here, destroys every socket and removes the folder, without waiting for anything. */
  abandon(): void {
    for (const service of this.services) service.abandon();
    for (const { links } of this.members) for (const link of links) link.close();
    for (const pid of processesIn(this.folder)) signal(pid, 'SIGKILL');
    try {
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    } catch {
      // A process that has not gone yet still writes into it.
    }
  }

  /** Where a member works on its own. */
  folderOf(name: string): string {
    return path.join(this.folder, name);
  }

  private async addMember(role: Member['role'], name: string): Promise<Member> {
    const folder = this.folderOf(name);
    this.ownFolder(folder);
    const database = new Link(`${name}-postgres`, this.postgres.port);
    const queue = this.redis && new Link(`${name}-redis`, this.redis.port);
    const queuePort = await queue?.listen();
    const port = await freePort();
    const health = `http://127.0.0.1:${port}${role === 'api' ? '/health/ready' : '/metrics'}`;
    if (role === 'api') this.url = `http://127.0.0.1:${port}/graphql`;
    const service = new Service(name, {
      program: process.execPath,
      args: [path.join(DIST, ENTRIES[role])],
      options: {
        ...this.user.identity,
        cwd: folder,
        env: {
          ...platformEnvironment(),
          HOME: folder,
          DATABASE_URL: Postgres.url(await database.listen()),
          ...(queuePort !== undefined && { REDIS_URL: `redis://127.0.0.1:${queuePort}` }),
          ARTIFACT_URL: `file://${this.disk.folder}`,
          PROPENSITY_DATA_DIRECTORY: folder,
          PROPENSITY_PRIVACY_KEY_FILE: path.join(this.disk.folder, 'privacy-keys.json'),
          PROPENSITY_MASTER_KEY: this.masterKey,
          PROPENSITY_PLATFORM_ADMIN_KEY: this.adminKey,
          PROPENSITY_INFERENCE_THREADS: '1',
          PROPENSITY_INFERENCE_CACHE_BYTES: String(64 * 1_024 * 1_024),
          [role === 'api' ? 'PORT' : 'PROPENSITY_METRICS_PORT']: String(port),
        },
      },
      isReady: () =>
        fetch(health, { signal: AbortSignal.timeout(5_000) }).then(
          ({ ok }) => ok,
          () => false,
        ),
    });
    const member = { role, service, links: queue ? [database, queue] : [database] };
    this.members.push(member);
    return member;
  }

  private ownFolder(folder: string): void {
    mkdirSync(folder);
    if (this.user.uid !== null) chownSync(folder, this.user.uid, this.user.gid ?? this.user.uid);
  }
}
