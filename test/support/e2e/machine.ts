import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { platformEnvironment } from '../platform-environment';
import { processesOf } from './processes';

const DIST = path.resolve(__dirname, '../../../dist');
const ENTRIES = { api: 'src/app/api-main.js', worker: 'queue-workers/main.js' };

/** One process of the platform, as an operator starts it, with a disk of its own: what it shares is named by its environment. */
export class Machine {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'propensity-machine-'));
  private child: ChildProcess | null = null;
  private log = '';

  constructor(
    private readonly role: keyof typeof ENTRIES,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** Starts it and resolves when it is ready. @returns the GraphQL endpoint; empty for a worker */
  async start(port = 0): Promise<string> {
    const child = spawn(process.execPath, [path.join(DIST, ENTRIES[this.role])], {
      env: {
        ...platformEnvironment(),
        PROPENSITY_DATA_DIRECTORY: this.folder,
        PORT: String(port),
        ...this.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stderr.on('data', (chunk: Buffer) => void (this.log += chunk.toString()));
    return new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) => {
        resolve((JSON.parse(line) as { url?: string }).url ?? '');
      });
      child.once('close', () => reject(new Error(`the ${this.role} ended: ${this.log}`)));
    });
  }

  get written(): string {
    return this.log;
  }

  /** Processes that execute a run here. */
  executions(): number[] {
    return processesOf('training.processor.js', this.folder);
  }

  /** Asks it to end, as a deployment does. */
  async stop(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    await ended;
  }

  /** Takes its power away: nothing of it gets to say anything. */
  kill(): void {
    this.child?.kill('SIGKILL');
    for (const pid of this.executions()) process.kill(pid, 'SIGKILL');
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
