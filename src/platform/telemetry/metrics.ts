import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Tenants with figures of their own; those beyond are counted together. */
const MAX_TENANTS = 200;
const OTHERS = 'other';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const JOB_SECONDS = [1, 5, 15, 60, 300, 900, 3_600, 14_400];
const ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 1_024];

/** What an inference pool holds, and has done since it began. */
export interface PoolFigures {
  readonly threads: readonly { readonly artifacts: number; readonly bytes: number }[];
  readonly queuedRows: number;
  readonly loads: number;
  readonly threadsLost: number;
}

/** A batch that was answered. */
export interface BatchFigures {
  readonly tenantId: string;
  readonly rows: number;
  /** From the request's arrival in the queue to the sending of the batch, of the one that waited longest. */
  readonly queuedMs: number;
  /** From the sending to the answer. */
  readonly ranMs: number;
}

/** Every figure that a process tells of itself, defined once. In seconds, bytes and rows. */
export class Metrics {
  readonly registry = new Registry();
  readonly #tenants = new Set<string>();
  readonly #requests = new Histogram({
    name: 'propensity_request_seconds',
    help: 'HTTP requests, from the first byte to the answer, by route and status.',
    labelNames: ['route', 'status'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #tenantRequests = new Counter({
    name: 'propensity_tenant_requests_total',
    help: `Requests by tenant; those of more than ${MAX_TENANTS} tenants are counted as "${OTHERS}".`,
    labelNames: ['tenant'],
    registers: [this.registry],
  });
  readonly #tenantRows = new Counter({
    name: 'propensity_tenant_predictions_total',
    help: `Examples scored by tenant; those of more than ${MAX_TENANTS} tenants are counted as "${OTHERS}".`,
    labelNames: ['tenant'],
    registers: [this.registry],
  });
  readonly #batchRows = new Histogram({
    name: 'propensity_batch_rows',
    help: 'Examples that ran together.',
    buckets: ROWS,
    registers: [this.registry],
  });
  readonly #queued = new Histogram({
    name: 'propensity_queue_seconds',
    help: 'How long the first example of a batch waited for it.',
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #inference = new Histogram({
    name: 'propensity_inference_seconds',
    help: 'How long a thread took over a batch, its way there and back included.',
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #visible = new Histogram({
    name: 'propensity_event_visible_seconds',
    help: 'From the commit of an event until a look-up as predictions make them had it: one event a second at most.',
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #running = new Gauge({
    name: 'propensity_jobs_running',
    help: 'Jobs that this worker executes now.',
    labelNames: ['type'],
    registers: [this.registry],
  });
  readonly #passes = new Histogram({
    name: 'propensity_pass_seconds',
    help: 'Looks for work that no queue brings, and the work: of snapshots, indexes of events, monitors, challengers, webhooks, old predictions and what is kept no longer.',
    labelNames: ['worker', 'outcome'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #jobs = new Histogram({
    name: 'propensity_job_seconds',
    help: 'Executions of jobs, by how they ended: done, or failed where the execution itself broke.',
    labelNames: ['type', 'outcome'],
    buckets: JOB_SECONDS,
    registers: [this.registry],
  });

  readonly #removed = new Counter({
    name: 'propensity_retention_removed_total',
    help: 'What was removed because tenants keep it no longer, by kind.',
    labelNames: ['kind'],
    registers: [this.registry],
  });
  readonly #removedBytes = new Counter({
    name: 'propensity_retention_removed_bytes_total',
    help: 'Bytes of the files among it, by kind.',
    labelNames: ['kind'],
    registers: [this.registry],
  });

  constructor(process: 'api' | 'worker') {
    this.registry.setDefaultLabels({ process });
    collectDefaultMetrics({ register: this.registry });
  }

  request(route: string, status: number, seconds: number): void {
    this.#requests.observe({ route, status: String(status) }, seconds);
  }

  tenantRequest(tenantId: string): void {
    this.#tenantRequests.inc({ tenant: this.#labelOf(tenantId) });
  }

  batch({ tenantId, rows, queuedMs, ranMs }: BatchFigures): void {
    this.#batchRows.observe(rows);
    this.#queued.observe(queuedMs / 1_000);
    this.#inference.observe(ranMs / 1_000);
    this.#tenantRows.inc({ tenant: this.#labelOf(tenantId) }, rows);
  }

  eventSeen(seconds: number): void {
    this.#visible.observe(seconds);
  }

  removed(kind: string, count: number, bytes: number): void {
    this.#removed.inc({ kind }, count);
    this.#removedBytes.inc({ kind }, bytes);
  }

  /** Reads the pool whenever the figures are asked for. */
  watchPool(figures: () => PoolFigures): void {
    const gauge = (name: string, help: string, of: (now: PoolFigures) => number): void => {
      new Gauge({
        name,
        help,
        registers: [this.registry],
        collect() {
          this.set(of(figures()));
        },
      });
    };
    const sum = ({ threads }: PoolFigures, key: 'artifacts' | 'bytes'): number =>
      threads.reduce((total, thread) => total + thread[key], 0);
    gauge(
      'propensity_inference_threads',
      'Inference threads that are alive.',
      ({ threads }) => threads.length,
    );
    gauge(
      'propensity_inference_threads_lost',
      'Threads that were replaced.',
      ({ threadsLost }) => threadsLost,
    );
    gauge('propensity_queued_rows', 'Examples that wait for a thread.', ({ queuedRows }) => queuedRows);
    gauge('propensity_cached_artifacts', 'Models in memory, over all threads.', (now) =>
      sum(now, 'artifacts'),
    );
    gauge('propensity_cached_bytes', 'What they are accounted for.', (now) => sum(now, 'bytes'));
    gauge('propensity_artifact_loads', 'Models that were loaded.', ({ loads }) => loads);
  }

  /** Runs an execution of a job and counts it. */
  async job(type: string, execute: () => Promise<void>): Promise<void> {
    this.#running.inc({ type });
    const end = this.#jobs.startTimer({ type });
    try {
      await execute();
      end({ outcome: 'done' });
    } catch (error) {
      end({ outcome: 'failed' });
      throw error;
    } finally {
      this.#running.dec({ type });
    }
  }

  /** Runs a look for work, with the work, and counts it. */
  async pass<T>(worker: string, look: () => Promise<T>): Promise<T> {
    const end = this.#passes.startTimer({ worker });
    try {
      const found = await look();
      end({ outcome: 'done' });
      return found;
    } catch (error) {
      end({ outcome: 'failed' });
      throw error;
    }
  }

  #labelOf(tenantId: string): string {
    if (this.#tenants.has(tenantId)) return tenantId;
    if (this.#tenants.size >= MAX_TENANTS) return OTHERS;
    this.#tenants.add(tenantId);
    return tenantId;
  }
}
