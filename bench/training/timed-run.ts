/** Some optimizer steps, timed. */
export interface TimedRun {
  readonly samplesPerSecond: number;
  readonly msPerStep: number;
  /** Of all threads together, waiting in a busy loop included. */
  readonly cpuMsPerStep: number;
  /** The same of the whole run. */
  readonly cpuSeconds: number;
}

/** One side of a comparison, warm. */
export interface Runner {
  /** Trains for about as long as was agreed on when it was prepared. */
  run(): Promise<TimedRun>;
}

export function timedRun(measured: {
  readonly batch: number;
  readonly steps: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}): TimedRun {
  const { batch, steps, seconds, cpuSeconds } = measured;
  return {
    samplesPerSecond: (batch * steps) / seconds,
    msPerStep: (1000 * seconds) / steps,
    cpuMsPerStep: (1000 * cpuSeconds) / steps,
    cpuSeconds,
  };
}
