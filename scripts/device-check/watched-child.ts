import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface WatchedChild {
  readonly script: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly order: object;
  /** Longest time between two messages. */
  readonly secondsOfSilence: number;
  onMessage(message: unknown): void;
}

/** Lines of a process's last words that are quoted. */
const LAST_LINES = 5;

/**
 * Runs a script in a process of its own, gives it an order, and listens until it ends: a driver that crashes or hangs
 * takes no more with it than that.
 *
 * @returns how it ended, with its last words; null when it ended as it should.
 */
export async function watchChild(options: WatchedChild): Promise<string | null> {
  // Standard output is whoever called's: the suite's own result may be a line of JSON there.
  const child = fork(options.script, {
    env: options.environment,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const state = { isHanging: false };
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-10_000)));
  let timer: NodeJS.Timeout | undefined;
  const restart = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      state.isHanging = true;
      child.kill('SIGKILL');
    }, 1000 * options.secondsOfSilence);
  };
  child.on('message', (message) => {
    restart();
    options.onMessage(message);
  });
  restart();
  child.send(options.order);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  if (code === 0) return null;
  const end = state.isHanging
    ? `no answer within ${options.secondsOfSilence} s`
    : `the process ended with ${signal ?? `code ${String(code)}`}`;
  const last = words.trim().split('\n').slice(-LAST_LINES).join('\n');
  return last ? `${end} (${last})` : end;
}
