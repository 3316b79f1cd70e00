import { currentSpan, type Span, startSpan } from '../../../platform/telemetry/tracing';
import { type Batch, type Job } from './job';

/** What a request's trace shows of one of its jobs: how long it waited for a thread, and how long the thread took. */
export class JobTrace {
  #now: Span | null = null;
  #batch: BatchTrace | null = null;

  private constructor(readonly request: Span) {
    this.waits();
  }

  /** Of a job that is made on behalf of what is traced; null else. */
  static begin(): JobTrace | null {
    const request = currentSpan();
    return request && new JobTrace(request);
  }

  /** It waits for a thread, for the first time or once more. */
  waits(): void {
    this.ends();
    this.#now = startSpan('inference.queue', { parent: this.request });
  }

  /** A thread has it, in a batch that is traced where others are in it. */
  runs({ jobs, rows }: Batch, own: Job, batch: BatchTrace | null): void {
    this.ends();
    this.#now = startSpan('inference.run', {
      parent: this.request,
      attributes: {
        'propensity.rows': own.rows,
        'propensity.batch.rows': rows,
        'propensity.batch.requests': jobs.length,
      },
      links: batch ? [batch.span] : [],
    });
    this.#batch = batch;
  }

  ends(): void {
    this.#now?.end();
    this.#now = null;
    this.#batch?.left();
    this.#batch = null;
  }
}

/** A batch of several jobs: it belongs to none of their requests alone, and is linked with each that is traced. */
class BatchTrace {
  constructor(
    readonly span: Span,
    private running: number,
  ) {}

  /** One of its jobs is answered, or is waited for no longer. The last one ends it. */
  left(): void {
    this.running -= 1;
    if (this.running === 0) this.span.end();
  }
}

/** A thread is given a batch. */
export function traceBatch(batch: Batch): void {
  const traced = batch.jobs.filter((job) => job.trace !== null);
  if (traced.length === 0) return;
  const span =
    batch.jobs.length === 1
      ? null
      : startSpan('inference.batch', {
          attributes: {
            'propensity.artifact': batch.key.sha256,
            'propensity.tenant.id': batch.key.tenantId,
            'propensity.batch.rows': batch.rows,
            'propensity.batch.requests': batch.jobs.length,
          },
          links: traced.flatMap(({ trace }) => trace?.request ?? []),
        });
  const shared = span && new BatchTrace(span, traced.length);
  for (const job of traced) job.trace?.runs(batch, job, shared);
}
