import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { type Device } from '../../src/engine/runtime';
import { type CaseReport, type CaseResult, type CasesOrder } from './messages';

export interface SuiteOptions {
  readonly device: Device;
  /** Of `allCases`, by name. */
  readonly names: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Of a case: after it the process is ended, and the case has failed. */
  readonly secondsPerCase: number;
  /** The built `compute-cases.js`. */
  readonly script?: string;
  readonly onResult?: (result: CaseResult) => void;
}

/** Lines of a process's last words that a failure quotes. */
const LAST_LINES = 5;

/**
 * Computes cases on a device and compares each with the CPU, in processes of their own: where one crashes or hangs, the
 * case has failed, and the next process goes on behind it. One result per name, in order.
 */
export async function runSuite(options: SuiteOptions): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  const add = (result: CaseResult): void => {
    results.push(result);
    options.onResult?.(result);
  };
  while (results.length < options.names.length) {
    const { begun, end } = await computeIn(options.names.slice(results.length), options, add);
    const left = options.names.slice(results.length);
    // Where not one case was begun, none ever will be.
    for (const name of begun ? left.slice(0, 1) : left)
      add({ name, seconds: 0, error: null, failure: begun === name ? `${end} while it ran` : end });
  }
  return results;
}

/** One process, until its cases are done or it ends otherwise. */
async function computeIn(
  names: readonly string[],
  { device, environment, secondsPerCase, script = path.join(__dirname, 'compute-cases.js') }: SuiteOptions,
  onResult: (result: CaseResult) => void,
): Promise<{ begun: string | null; end: string }> {
  // Standard output is whoever called's: the suite's own result may be a line of JSON there.
  const child = fork(script, { env: environment, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let begun: string | null = null;
  let isHanging = false;
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-10_000)));
  const watch = watchdog(child, secondsPerCase, () => (isHanging = true));
  child.on('message', (message) => {
    const report = message as CaseReport;
    watch.restart();
    if ('begun' in report) begun = report.begun;
    else onResult(report.ended);
  });
  watch.restart();
  child.send({ device, names } satisfies CasesOrder);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  watch.stop();
  const how = isHanging
    ? `no answer within ${secondsPerCase} s`
    : `the process ended with ${signal ?? `code ${String(code)}`}`;
  const last = words.trim().split('\n').slice(-LAST_LINES).join('\n');
  return { begun, end: last ? `${how} (${last})` : how };
}

function watchdog(
  child: ChildProcess,
  seconds: number,
  onHang: () => void,
): { restart(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(timer);
  return {
    stop,
    restart() {
      stop();
      timer = setTimeout(() => {
        onHang();
        child.kill('SIGKILL');
      }, 1000 * seconds);
    },
  };
}
