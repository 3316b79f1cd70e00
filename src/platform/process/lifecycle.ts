/** Exit status of a process that was asked to end twice, or could not end within its grace period. */
const FORCED_EXIT = 130;

export interface ShutdownOptions {
  /** Ends the process's work; runs once. */
  readonly stop: (reason: string) => Promise<void>;
  /** Milliseconds after which the process ends whether or not `stop` has. */
  readonly graceMs: number;
  /** Told of a `stop` that failed, before the process exits non-zero. */
  readonly onError: (error: unknown) => void;
}

/**
 * Ends the process in order when it is asked to: by SIGTERM, by SIGINT, or because the parent that
 * started it with an IPC channel is gone (a parent that was killed cannot send a signal, but its channel
 * closes). A second signal ends it at once.
 */
export function onShutdown({ stop, graceMs, onError }: ShutdownOptions): void {
  let stopping = false;
  const begin = (reason: string): void => {
    if (stopping) {
      // The channel's closing follows a signal as a matter of course; only a person's second signal forces.
      if (reason !== 'parent ended') process.exit(FORCED_EXIT);
      return;
    }
    stopping = true;
    setTimeout(() => process.exit(FORCED_EXIT), graceMs).unref();
    stop(reason).then(
      () => process.exit(0),
      (error: unknown) => {
        onError(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => begin('SIGTERM'));
  process.on('SIGINT', () => begin('SIGINT'));
  process.on('disconnect', () => begin('parent ended'));
}
