import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../errors';
import { type PreparationSummary } from '../../learning/preparation/prepared-examples';
import { type TrainingProgress } from '../../learning/training/contract';
import { DamagedObjectError } from '../../platform/artifacts/damage-report';
import { type StartSummary } from '../../learning/warm-start/start-from';
import { retryWithBackoff } from '../../platform/jobs/backoff';
import { type RunLease } from './run-lease';
import { type RunPhase } from './run-state';

export interface JournalOptions {
  /** Least time between two writes of progress. */
  readonly intervalMs: number;
  /** Ends retries. */
  readonly signal: AbortSignal;
  /** Told once when the run cannot be written any more: its lease is lost, or a write failed for good. */
  readonly onBroken: (error: unknown) => void;
}

/** Whether an error may pass by itself. */
export function isOutage(error: unknown): boolean {
  return error instanceof AppError && error.code === 'UNAVAILABLE' && !(error instanceof DamagedObjectError);
}

const RETRY = { firstDelayMs: 100, longestDelayMs: 2_000 };

/** What waits to be written. */
type Entry =
  | { readonly kind: 'prepared'; readonly preparation: PreparationSummary }
  | { readonly kind: 'started'; readonly start: StartSummary }
  | { readonly kind: 'phase'; readonly phase: RunPhase }
  | { readonly kind: 'progress'; progress: TrainingProgress };

/**
 * Writes what an execution reports into the run's row, one write after the other, while the execution goes on.
 * Phases, what was prepared and what it started from are all written; of progress that comes faster than it may be written, only the newest is.
 */
export class RunJournal {
  private readonly pending: Entry[] = [];
  private pump: Promise<void> | null = null;
  private nextProgressAt = 0;
  private broken = false;

  constructor(
    private readonly lease: Pick<RunLease, 'enter' | 'report' | 'prepared' | 'started'>,
    private readonly options: JournalOptions,
  ) {}

  prepared(preparation: PreparationSummary): void {
    this.pending.push({ kind: 'prepared', preparation });
    this.start();
  }

  started(start: StartSummary): void {
    this.pending.push({ kind: 'started', start });
    this.start();
  }

  phase(phase: RunPhase): void {
    this.pending.push({ kind: 'phase', phase });
    this.start();
  }

  progress(progress: TrainingProgress): void {
    const last = this.pending.at(-1);
    if (last?.kind === 'progress') last.progress = progress;
    else this.pending.push({ kind: 'progress', progress });
    this.start();
  }

  /** Resolves when everything reported so far is written, or cannot be any more. */
  async written(): Promise<void> {
    this.nextProgressAt = 0;
    await this.pump;
  }

  private start(): void {
    if (this.broken) return;
    this.pump ??= this.writePending();
  }

  private async writePending(): Promise<void> {
    const { signal, onBroken } = this.options;
    try {
      for (let entry = this.pending[0]; entry; entry = this.pending[0]) {
        // While it waits its turn, newer progress takes the place of this one.
        const waitMs = this.nextProgressAt - Date.now();
        if (entry.kind === 'progress' && waitMs > 0) await sleep(waitMs, undefined, { signal });
        this.pending.shift();
        await retryWithBackoff(() => this.write(entry), isOutage, { ...RETRY, signal });
      }
    } catch (error) {
      this.broken = true;
      if (!signal.aborted) onBroken(error);
    } finally {
      this.pump = null;
    }
  }

  private async write(entry: Entry): Promise<void> {
    if (entry.kind === 'prepared') return this.lease.prepared(entry.preparation);
    if (entry.kind === 'started') return this.lease.started(entry.start);
    if (entry.kind === 'phase') return this.lease.enter(entry.phase);
    this.nextProgressAt = Date.now() + this.options.intervalMs;
    return this.lease.report(entry.progress);
  }
}
