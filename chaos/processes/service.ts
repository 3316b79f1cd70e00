import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { signal, treeOf } from './proc';

export interface ServiceCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly options: SpawnOptions;
  /** Whether it serves. */
  isReady(): Promise<boolean>;
}

const POLL_MS = 50;
const START_ATTEMPTS = 20;
const START_TIMEOUT_MS = 180_000;
const KILL_TIMEOUT_MS = 10_000;
/** Of its log: the end is kept. */
const LOG_CHARACTERS = 200_000;

/** A process that is started again after it was killed: with the same command, on the same port and folder. */
export class Service {
  private child: ChildProcess | null = null;
  private isAbandoned = false;
  log = '';

  constructor(
    readonly name: string,
    private readonly command: ServiceCommand,
  ) {}

  get pid(): number | null {
    return this.isRunning ? (this.child?.pid ?? null) : null;
  }

  get isRunning(): boolean {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Starts it, again where it ends before it serves: what a killed one leaves behind may take a moment to go. */
  async start(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (let attempt = 1; attempt <= START_ATTEMPTS && Date.now() < deadline; attempt++) {
      if (this.isAbandoned) return;
      this.spawn();
      while (this.isRunning && Date.now() < deadline) {
        await sleep(POLL_MS);
        if (await this.command.isReady()) return;
      }
      await sleep(attempt * POLL_MS);
    }
    throw new Error(`${this.name} does not start:\n${this.log.slice(-4_000)}`);
  }

  /** Signals it, or it and all below it. */
  signal(name: NodeJS.Signals, withChildren: boolean): void {
    if (this.pid === null) return;
    for (const pid of withChildren ? treeOf(this.pid) : [this.pid]) signal(pid, name);
  }

  /** Kills it and waits until it is gone; what it has begun is not told. */
  async kill(withChildren: boolean): Promise<void> {
    this.signal('SIGKILL', withChildren);
    if (!(await this.hasEndedWithin(KILL_TIMEOUT_MS))) throw new Error(`${this.name} cannot be killed`);
  }

  /** Whether it has ended by then. */
  async hasEndedWithin(milliseconds: number): Promise<boolean> {
    for (const deadline = Date.now() + milliseconds; this.isRunning && Date.now() < deadline;)
      await sleep(10);
    return !this.isRunning;
  }

  /** Kills it, all below it and all of its group, at once and for good. */
  abandon(): void {
    this.isAbandoned = true;
    const { pid } = this;
    this.signal('SIGKILL', true);
    // Whoever lost its parent is below nothing, but of the same group.
    if (pid !== null) signal(-pid, 'SIGKILL');
  }

  private spawn(): void {
    const { program, args, options } = this.command;
    const child = spawn(program, args, {
      ...options,
      // A group of its own: it ends when this program ends it, with all that it has started.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer): void => {
      this.log = (this.log + chunk.toString()).slice(-LOG_CHARACTERS);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', ({ message }) => (this.log += message));
    this.child = child;
  }
}
