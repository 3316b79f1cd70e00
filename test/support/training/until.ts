import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until the answer satisfies, and returns it.
 * @throws Error with the last answer after `timeoutMs`
 */
export async function until<T>(
  ask: () => T | Promise<T>,
  satisfies: (answer: T) => boolean,
  timeoutMs = 40_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(answer)} after ${timeoutMs} ms`);
    await sleep(25);
  }
}
