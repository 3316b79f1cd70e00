import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work that says where it may be interrupted. */
export type Steps<Result> = Generator<void, Result>;

/** Longest that others wait, in milliseconds, as far as the steps are shorter. */
const SLICE_MS = 5;

/** Does the work in slices between which the event loop serves others. */
export async function inTurns<Result>(steps: Steps<Result>, sliceMs = SLICE_MS): Promise<Result> {
  for (;;) {
    const begun = performance.now();
    do {
      const step = steps.next();
      if (step.done) return step.value;
    } while (performance.now() - begun < sliceMs);
    await nextTurn();
  }
}

/** Does the work without a pause. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
