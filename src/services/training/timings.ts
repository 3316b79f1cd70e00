/** How quickly executions are watched, taken over and given up. All in milliseconds. */
export interface RunTimings {
  /** How long a worker that fell silent keeps its run. */
  readonly leaseMs: number;
  /** Between two renewals; a request to cancel is seen at the next one. */
  readonly heartbeatMs: number;
  /** Between two looks for runs that nobody executes. */
  readonly reconcileMs: number;
  /** After this long in QUEUED, a run's job is enqueued again; a queue that has lost every job is noticed at once. */
  readonly requeueMs: number;
  /** What a cancelled execution gets to end by itself. */
  readonly cancelGraceMs: number;
  /** What an execution gets to write its checkpoint when the worker ends. */
  readonly drainGraceMs: number;
}

export const DEFAULT_TIMINGS: RunTimings = {
  leaseMs: 15_000,
  heartbeatMs: 1_000,
  reconcileMs: 2_000,
  requeueMs: 600_000,
  cancelGraceMs: 500,
  drainGraceMs: 15_000,
};
