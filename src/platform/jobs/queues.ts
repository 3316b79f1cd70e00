import { z } from 'zod';

/** Every queue that exists. A new name does not compile until its definition below is complete. */
export const QUEUE_NAMES = ['training'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/** How a queue's jobs are run. Nothing is optional: each of these has been thought about for each queue. */
export interface QueuePolicy {
  /** Jobs that one worker process runs side by side, unless it is started with another number. */
  readonly concurrency: number;
  /** Milliseconds until a job whose worker fell silent counts as abandoned. Renewed at half of it. */
  readonly lockMs: number;
  /** Milliseconds between two looks for abandoned jobs; one is handed out again at the second look. */
  readonly stalledCheckMs: number;
  /** How often an abandoned job is handed out again before it is dropped. */
  readonly maxStalls: number;
  /** Executions of a job whose handler throws. */
  readonly attempts: number;
  readonly backoff: { readonly type: 'fixed' | 'exponential'; readonly delayMs: number };
  /** Ended jobs that are kept for inspection. A kept job's id cannot be enqueued again. */
  readonly retention: { readonly completed: number; readonly failed: number };
}

interface QueueDefinition {
  /** Parsed when a job is enqueued and again when it runs: a deploy may lie between the two. */
  readonly payload: z.ZodType;
  readonly policy: QueuePolicy;
}

/** Says that there is work. Which run is executed is decided from the runs' rows when a worker is free. */
const trainingPayload = z.strictObject({
  tenantId: z.uuid(),
  runId: z.uuid(),
  /** Of the run, from 1: the execution that this job asks for. */
  attempt: z.int().positive(),
  /** The API key that asked for the run. */
  actorId: z.uuid(),
  requestId: z.string().min(1),
  /** Makes it another job beside the run's own, which is lost, or with which a worker executes another run. */
  reminder: z.uuid().optional(),
});

export const QUEUES = {
  training: {
    payload: trainingPayload,
    policy: {
      concurrency: 1,
      lockMs: 15_000,
      stalledCheckMs: 5_000,
      // The run's own row counts attempts and decides when to give up; the queue only hands work out.
      maxStalls: 1_000,
      attempts: 1,
      backoff: { type: 'fixed', delayMs: 1_000 },
      // The row keeps the history. Ids must be free again, because the reconciler may enqueue one a second time.
      retention: { completed: 0, failed: 0 },
    },
  },
} as const satisfies Record<QueueName, QueueDefinition>;

export type JobPayload<N extends QueueName> = z.infer<(typeof QUEUES)[N]['payload']>;

/** The one id of a job: enqueuing it twice is enqueuing it once. */
export const JOB_IDS: { readonly [N in QueueName]: (payload: JobPayload<N>) => string } = {
  // BullMQ refuses colons in ids.
  training: ({ runId, attempt, reminder }) =>
    reminder === undefined ? `run-${runId}-${attempt}` : `reminder-${reminder}`,
};

/** @throws ZodError when the payload is not what the queue declares */
export function parsePayload<N extends QueueName>(name: N, payload: unknown): JobPayload<N> {
  return QUEUES[name].payload.parse(payload) as JobPayload<N>;
}
