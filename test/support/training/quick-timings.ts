import { type RunTimings } from '../../../src/services/training/timings';

/** A patience that tests can wait for. */
export const QUICK_TIMINGS: RunTimings = {
  leaseMs: 2_000,
  heartbeatMs: 200,
  reconcileMs: 200,
  requeueMs: 60_000,
  cancelGraceMs: 500,
  drainGraceMs: 5_000,
};
