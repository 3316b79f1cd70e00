import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type TraceLine } from './fake-pipeline';
import { platformEnvironment } from '../platform-environment';

const ENTRY = path.resolve('dist/test/support/training/fake-worker.js');

export interface WorkerProcess {
  readonly pid: number;
  /** Lines of its log so far. */
  readonly log: string[];
  /** What ended it: the exit status, or the signal. */
  readonly ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
}

/** Real worker processes, with a folder of their own for data and traces. */
export class WorkerProcesses {
  private readonly running = new Map<ChildProcess, WorkerProcess>();

  private constructor(
    readonly dataDirectory: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  static async create(environment: { DATABASE_URL: string; REDIS_URL?: string }): Promise<WorkerProcesses> {
    const dataDirectory = await mkdtemp(path.join(os.tmpdir(), 'propensity-workers-'));
    return new WorkerProcesses(dataDirectory, {
      ...platformEnvironment(),
      ...environment,
      PROPENSITY_DATA_DIRECTORY: dataDirectory,
      PROPENSITY_LOG_LEVEL: 'info',
    });
  }

  /** A worker that runs, started when there is none. */
  async any(): Promise<WorkerProcess> {
    return [...this.running.values()][0] ?? this.start();
  }

  /** Resolves when the worker says that it is ready. */
  async start(environment: NodeJS.ProcessEnv = {}): Promise<WorkerProcess> {
    if (!existsSync(ENTRY)) throw new Error('build first: npm run build');
    const child = fork(ENTRY, [], {
      env: { ...this.environment, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const log: string[] = [];
    createInterface({ input: child.stderr! }).on('line', (line) => log.push(line));
    const ended = new Promise<number | string>((resolve) => {
      child.once('close', (code, signal) => {
        this.running.delete(child);
        resolve(signal ?? code ?? 'unknown');
      });
    });
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout! }).on('line', (line) => {
        if (line === '{"ready":true}') resolve();
      });
      void ended.then((how) => reject(new Error(`the worker ended (${how}): ${log.join('\n')}`)));
    });
    const worker = { pid: child.pid!, log, ended, kill: (signal: NodeJS.Signals) => void child.kill(signal) };
    this.running.set(child, worker);
    return worker;
  }

  /** A file for {@link FakeModel.trace}. */
  traceFile(name: string): string {
    return path.join(this.dataDirectory, `${name}.trace`);
  }

  async trace(name: string): Promise<TraceLine[]> {
    const text = await readFile(this.traceFile(name), 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as TraceLine);
  }

  /** Ends every worker that still runs. */
  async stop(): Promise<void> {
    for (const worker of [...this.running.values()]) {
      worker.kill('SIGTERM');
      await worker.ended;
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.dataDirectory, { recursive: true, force: true });
  }
}

/** Whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
