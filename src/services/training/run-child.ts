import { type ChildProcess, fork } from 'node:child_process';
import { z } from 'zod';
import { type LeaseKey } from './run-lease';

/** Why an execution is asked to leave off. */
export const ABORT_REASONS = ['cancelled', 'drained', 'lease lost'] as const;
export type AbortReason = (typeof ABORT_REASONS)[number];

/** What the worker says to the process that executes a run. */
export const abortMessage = z.strictObject({ abort: z.enum(ABORT_REASONS) });

/** How the process ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunChildOptions {
  /** The entry file of the process. */
  readonly processorFile: string;
  readonly key: LeaseKey;
  readonly workDirectory: string;
  /** Of the execution; null where it is not traced. */
  readonly traceparent?: string | null;
}

/**
 * The process that executes one run: its own, so that a long native call cannot hold up the worker, that it
 * can be ended at any moment, and that its memory goes with it.
 */
export class RunChild {
  readonly exited: Promise<ChildExit>;
  private readonly process: ChildProcess;
  private killTimer: NodeJS.Timeout | null = null;
  private asked = false;

  constructor({ processorFile, key, workDirectory, traceparent }: RunChildOptions) {
    const place = [key.tenantId, key.runId, key.owner, workDirectory];
    this.process = fork(processorFile, traceparent == null ? place : [...place, traceparent], {
      // The worker's standard output is for its own announcements.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    this.exited = new Promise((resolve) => {
      this.process.once('error', () => resolve({ code: null, signal: null }));
      this.process.once('exit', (code, signal) => {
        if (this.killTimer) clearTimeout(this.killTimer);
        resolve({ code, signal });
      });
    });
  }

  /** Asks the process to leave off, and ends it when it has not within the grace period. Once is enough. */
  abort(reason: AbortReason, graceMs: number): void {
    if (this.asked) return;
    this.asked = true;
    if (this.process.connected) {
      // A process that is just ending closes the channel before it exits.
      this.process.send({ abort: reason } satisfies z.infer<typeof abortMessage>, () => undefined);
    }
    this.killTimer = setTimeout(() => this.process.kill('SIGKILL'), graceMs);
  }
}

/** Completes "its process …". */
export function describeExit({ code, signal }: ChildExit): string {
  if (signal) return `was ended by ${signal}`;
  return code === 0 ? 'ended without a result' : `failed unexpectedly (the log of the worker says how)`;
}
