import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { AppError } from '../../errors';

/** What a child announces as a line of JSON on its standard output once it does its work. */
const announcement = z.object({ ready: z.literal(true), url: z.string().optional() });

export interface ChildOptions {
  readonly name: string;
  readonly entry: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Options of Node.js beside this process's own. */
  readonly nodeOptions?: readonly string[];
  /** Receives the child's log lines. */
  readonly onLog: (line: string) => void;
}

export interface Child {
  readonly name: string;
  readonly process: ChildProcess;
  readonly url: string | null;
  /** Resolves with what ended it. */
  readonly exited: Promise<string>;
  /** Asks it to end, and makes it end when it has not within the grace period. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts a process of ours and waits until it says that it is ready.
 *
 * It gets a process group of its own, so that Ctrl-C reaches the launcher alone, which ends its children
 * in order; and an IPC channel, whose closing tells the child that the launcher is gone.
 *
 * @throws AppError UNAVAILABLE with the child's own last words when it ends before it is ready
 */
export async function startChild({
  name,
  entry,
  environment,
  nodeOptions = [],
  onLog,
}: ChildOptions): Promise<Child> {
  const child = fork(entry, [], {
    env: environment,
    execArgv: [...process.execArgv, ...nodeOptions],
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lastWords: string[] = [];
  const keep = (line: string): void => {
    lastWords.push(line);
    if (lastWords.length > 5) lastWords.shift();
    onLog(line);
  };
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `exit status ${code ?? 'unknown'}`));
  });
  if (child.stderr) createInterface({ input: child.stderr }).on('line', keep);

  const url = await new Promise<string | null>((resolve, reject) => {
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const message = announcement.safeParse(parseJson(line));
        if (message.success) resolve(message.data.url ?? null);
        else keep(line);
      });
    }
    void exited.then((reason) => {
      const words = lastWords.at(-1);
      reject(
        new AppError('UNAVAILABLE', words ?? `the ${name} process ended before it was ready (${reason})`),
      );
    });
  });

  return {
    name,
    process: child,
    url,
    exited,
    async stop(graceMs) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Not an announcement: an ordinary line of output.
    return null;
  }
}
