import { type Child, type ChildOptions, startChild } from './child';

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;
/** A child that lived this long is healthy again: its next failure starts with the first delay. */
const HEALTHY_AFTER_MS = 30_000;

export interface SupervisorEvents {
  /** One line for the operator. */
  onNotice(message: string): void;
}

/** Keeps processes running: one that ends by itself is started again, with a growing delay. */
export class Supervisor {
  private readonly children = new Map<string, Child>();
  private readonly ending = new AbortController();

  constructor(private readonly events: SupervisorEvents) {}

  /** Starts a process and keeps it running until `stop`. The first start's failure is the caller's to handle. */
  async start(options: ChildOptions): Promise<Child> {
    const child = await this.launch(options);
    void this.watch(child, options);
    return child;
  }

  /** Ends every process, the last started first, and waits for them. */
  async stop(graceMs: number): Promise<void> {
    this.ending.abort();
    for (const child of [...this.children.values()].reverse()) await child.stop(graceMs);
  }

  private async launch(options: ChildOptions): Promise<Child> {
    const child = await startChild(options);
    // Asked to end while this one was coming up: nothing may outlive the launcher.
    if (this.ending.signal.aborted) await child.stop(0);
    else this.children.set(options.name, child);
    return child;
  }

  private async watch(first: Child, options: ChildOptions): Promise<void> {
    let child = first;
    let delayMs = FIRST_DELAY_MS;
    for (;;) {
      const startedAt = Date.now();
      const reason = await child.exited;
      if (this.ending.signal.aborted) return;
      if (Date.now() - startedAt > HEALTHY_AFTER_MS) delayMs = FIRST_DELAY_MS;
      this.events.onNotice(`${options.name} ended (${reason}); starting it again in ${delayMs} ms`);
      const next = await this.restart(options, delayMs);
      if (!next) return;
      child = next;
      delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
    }
  }

  /** Tries until the process is up again; null when the platform is ending. */
  private async restart(options: ChildOptions, firstDelayMs: number): Promise<Child | null> {
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (this.ending.signal.aborted) return null;
      try {
        const child = await this.launch(options);
        this.events.onNotice(`${options.name} is up again`);
        return child;
      } catch (error) {
        this.events.onNotice(
          `${options.name} did not start: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }
}
