import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { platformEnvironment } from '../platform-environment';

const ENTRY = path.resolve(__dirname, '../../../dist/src/app/start.js');

export interface StartOptions {
  readonly dataDirectory: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly arguments?: readonly string[];
}

/** A platform as a person starts it: `npm start` in a process of its own, with the real API and worker below it. */
export class PlatformProcess {
  private output = '';
  private readonly exit: Promise<number | null>;

  private constructor(
    readonly process: ChildProcess,
    readonly dataDirectory: string,
  ) {
    const keep = (chunk: Buffer): void => void (this.output += chunk.toString());
    process.stdout?.on('data', keep);
    process.stderr?.on('data', keep);
    this.exit = new Promise((resolve) => process.once('close', (code) => resolve(code)));
  }

  static start({
    dataDirectory,
    environment = {},
    arguments: given = ['--no-demo'],
  }: StartOptions): PlatformProcess {
    const child = spawn(process.execPath, [ENTRY, ...given], {
      env: {
        ...platformEnvironment(),
        PORT: '0',
        PROPENSITY_DATA_DIRECTORY: dataDirectory,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new PlatformProcess(child, dataDirectory);
  }

  get written(): string {
    return this.output;
  }

  /** The GraphQL endpoint, once it serves. */
  async url(): Promise<string> {
    return (await this.saysMatch(/serves at (\S+)/))[1] ?? '';
  }

  async platformAdminKey(): Promise<string> {
    return (await readFile(path.join(this.dataDirectory, 'platform-admin.key'), 'utf8')).trim();
  }

  /** Waits until the terminal shows it. */
  async saysMatch(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (this.process.exitCode !== null)
        throw new Error(`the platform ended before it said ${pattern}:\n${this.output}`);
      await sleep(50);
    }
  }

  /** The exit status; null when a signal ended it. */
  exited(): Promise<number | null> {
    return this.exit;
  }

  async stop(): Promise<number | null> {
    if (this.process.exitCode === null) this.process.kill('SIGINT');
    return this.exit;
  }
}

/** A data folder of its own, removed afterwards. */
export async function withDataDirectory<T>(work: (dataDirectory: string) => Promise<T>): Promise<T> {
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'propensity-e2e-'));
  try {
    return await work(dataDirectory);
  } finally {
    await rm(dataDirectory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
