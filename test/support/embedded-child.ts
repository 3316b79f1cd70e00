import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

const entry = path.resolve(__dirname, '../../dist/test/support/embedded-user.js');

export interface EmbeddedUserStart {
  readonly ownerUrl?: string;
  readonly adopted?: boolean;
  readonly error?: string;
}

/** A child process that uses the embedded PostgreSQL of a folder. */
export class EmbeddedChild {
  readonly notices: string[] = [];

  private constructor(
    private readonly child: ChildProcess,
    private readonly exited: Promise<void>,
    readonly started: EmbeddedUserStart,
  ) {}

  static async start(
    dataDirectory: string,
    identity: Pick<SpawnOptions, 'uid' | 'gid'> = {},
  ): Promise<EmbeddedChild> {
    const child = spawn(process.execPath, [entry, dataDirectory], {
      ...identity,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const lines = createInterface({ input: child.stdout });
    const notices: string[] = [];
    const started = await new Promise<EmbeddedUserStart>((resolve) => {
      lines.on('line', (line) => {
        const message = JSON.parse(line) as EmbeddedUserStart & { notice?: string };
        if (message.notice === undefined) resolve(message);
        else notices.push(message.notice);
      });
      void exited.then(() => resolve({ error: 'ended without a word' }));
    });
    const user = new EmbeddedChild(child, exited, started);
    lines.on('line', () => user.notices.splice(0, Infinity, ...notices));
    return user;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get url(): string {
    if (this.started.ownerUrl === undefined) throw new Error(this.started.error);
    return this.started.ownerUrl;
  }

  /** Asks it to end and waits. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.exited;
  }

  /** Kills it, which it cannot notice, and waits. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
