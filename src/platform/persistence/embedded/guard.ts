import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

/** Sees to it that a watchdog stands by this process, and that another does when one ends. */
export class Guard {
  private watchdog: ChildProcess | null = null;
  private standingDown = false;

  /** @param cluster the folder of the database that the server is for */
  constructor(private readonly cluster: string) {
    this.post();
  }

  /**
   * Ends the watchdog.
   * @param done whether the server has been ended or left to its other users; else the watchdog sees to it first
   */
  async standDown(done = true): Promise<void> {
    this.standingDown = true;
    const { watchdog } = this;
    if (!watchdog || watchdog.exitCode !== null || watchdog.signalCode !== null) return;
    const gone = new Promise((resolve) => watchdog.once('exit', resolve));
    watchdog.ref();
    watchdog.stdin?.end(done ? 'done\n' : '');
    await gone;
  }

  private post(): void {
    const watchdog = spawn(process.execPath, [compiled('watchdog.js')], {
      // A session of its own, so that what ends this process's group leaves it standing.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: process.env['PATH'] },
      cwd: '/',
    });
    // A watchdog that was killed says so by its exit; writing to it then must not end this process.
    watchdog.stdin.on('error', () => undefined);
    watchdog.once('error', () => undefined);
    watchdog.once('exit', () => {
      if (!this.standingDown && this.watchdog === watchdog) this.post();
    });
    watchdog.stdin.write(`${this.cluster}\n`);
    watchdog.unref();
    this.watchdog = watchdog;
  }
}

/** A compiled program beside this file; sources that are run directly find it in the build. */
function compiled(name: string): string {
  const fromSource = __filename.endsWith('.ts');
  const folder = fromSource
    ? path.resolve(__dirname, '../../../../dist/src/platform/persistence/embedded')
    : __dirname;
  return path.join(folder, name);
}
