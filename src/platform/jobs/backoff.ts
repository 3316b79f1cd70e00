import { setTimeout as sleep } from 'node:timers/promises';

export interface BackoffOptions {
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  readonly signal: AbortSignal;
}

/**
 * Repeats until it succeeds, waiting twice as long each time.
 *
 * @param retryable whether an error may pass; any other is thrown at once
 * @throws the abort's reason when the signal is aborted while waiting
 */
export async function retryWithBackoff<T>(
  work: () => Promise<T>,
  retryable: (error: unknown) => boolean,
  { firstDelayMs, longestDelayMs, signal }: BackoffOptions,
): Promise<T> {
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
    try {
      return await work();
    } catch (error) {
      if (!retryable(error)) throw error;
    }
    await sleep(delayMs, undefined, { signal });
  }
}
