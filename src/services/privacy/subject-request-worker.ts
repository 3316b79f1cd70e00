import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { AppError, messageOf } from '../../errors';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { withTimeout } from '../../platform/jobs/with-timeout';
import { type Database } from '../../platform/persistence/database';
import { type SharedPrivacyKeys } from '../../platform/privacy/shared-privacy-keys';
import { type TrainingService } from '../training/training.service';
import { makeWorkDirectory } from '../training/work-directory';
import { eraseSubject } from './erasure/erase-subject';
import { exportSubject } from './export/export-subject';
import { RequestLease, RequestLostError } from './request-lease';

export interface SubjectRequestWorkerOptions {
  readonly database: Database;
  readonly objects: ObjectStores;
  readonly keys: SharedPrivacyKeys;
  /** Trainings on files without the subject are asked for here. */
  readonly training: Pick<TrainingService, 'start'>;
  readonly dataDirectory: string;
  readonly logger: Logger;
  /** How long a worker that fell silent keeps its request. */
  readonly leaseMs?: number;
  /** Between two looks for requests that nobody works on. */
  readonly pollMs?: number;
  /** Until a request is gone on with that waits for jobs. */
  readonly patienceMs?: number;
}

const DEFAULTS = { leaseMs: 30_000, pollMs: 1_000, patienceMs: 5_000 };
/** How long one look may take: a server that is cut off may never answer. */
const LOOK_MS = 60_000;
/** After an execution that failed: longer with every one, up to this. */
const LONGEST_DELAY_MS = 300_000;

/**
 * Does what was asked of the data about subjects, one request at a time, until it is closed. It looks for rows that nobody
 * works on: those that were just asked for, and those whose worker fell silent.
 */
export class SubjectRequestWorker {
  private readonly closing = new AbortController();
  private loop: Promise<void> | null = null;
  private failing = false;

  constructor(private readonly options: SubjectRequestWorkerOptions) {}

  /** Looks at once, and then again and again until `close`. */
  start(): void {
    this.loop ??= this.run();
  }

  /** Leaves off, and gives back what is begun, so that another worker takes it up at once. */
  async close(): Promise<void> {
    this.closing.abort(new Error('the worker is ending'));
    await this.loop;
  }

  /** Looks once, and does what waits. Returns how many executions were begun. */
  async workOff(): Promise<number> {
    const { database, leaseMs = DEFAULTS.leaseMs } = this.options;
    const waiting = await withTimeout(
      database.asPlatform((scope) =>
        scope.query<{ tenantId: string; requestId: string }>(
          'SELECT tenant_id AS "tenantId", request_id AS "requestId" FROM waiting_subject_requests()',
        ),
      ),
      LOOK_MS,
    );
    let begun = 0;
    for (const key of waiting) {
      if (this.closing.signal.aborted) break;
      if (await this.execute(new RequestLease(database, { ...key, owner: randomUUID() }, leaseMs)))
        begun += 1;
    }
    return begun;
  }

  private async execute(lease: RequestLease): Promise<boolean> {
    const request = await lease.take();
    if (request?.subject == null) return false;
    const { database, objects, keys, training, dataDirectory } = this.options;
    const { tenantId, requestId, owner } = lease.key;
    // Whose it is, only a pseudonym says.
    const logger = this.options.logger.child({ tenantId, requestId, subject: request.pseudonym });
    logger.info({ type: request.type, attempt: request.attempt }, 'subject request taken');
    const broken = new AbortController();
    const ended = new AbortController();
    const heartbeat = this.keep(lease, ended.signal, (error) => broken.abort(error));
    const workDirectory = await makeWorkDirectory(dataDirectory, owner);
    const { subject } = request;
    try {
      const run = {
        ...{ request, subject, database, objects, training, lease, workDirectory, logger },
        store: objects.forTenant(tenantId),
        keys: await keys.get(),
        signal: AbortSignal.any([this.closing.signal, broken.signal]),
      };
      const isDone = await (request.type === 'ERASURE' ? eraseSubject(run) : exportSubject(run));
      if (isDone) logger.info('subject request done');
      else await lease.release(this.options.patienceMs ?? DEFAULTS.patienceMs);
    } catch (error) {
      await this.settle(lease, { error, attempt: request.attempt }, logger);
    } finally {
      ended.abort();
      await heartbeat;
      await rm(workDirectory, { recursive: true, force: true });
    }
    return true;
  }

  private async keep(
    lease: RequestLease,
    ended: AbortSignal,
    onLost: (error: RequestLostError) => void,
  ): Promise<void> {
    const { leaseMs = DEFAULTS.leaseMs } = this.options;
    for (;;) {
      await sleep(leaseMs / 4, undefined, { signal: ended }).catch(() => undefined);
      if (ended.aborted) return;
      try {
        await lease.renew();
      } catch (error) {
        // While the database is away, the work goes on: it is still ours unless somebody has taken it.
        if (error instanceof RequestLostError) onLost(error);
      }
    }
  }

  /** What becomes of a request whose execution threw: it is tried again, since somebody has a right to it. */
  private async settle(
    lease: RequestLease,
    { error, attempt }: { readonly error: unknown; readonly attempt: number },
    logger: Logger,
  ): Promise<void> {
    if (error instanceof RequestLostError) return;
    const isClosing = this.closing.signal.aborted;
    // The message may quote what is to be erased.
    const code = error instanceof AppError ? error.code : 'INTERNAL_SERVER_ERROR';
    if (!isClosing) logger.warn({ code, at: placeOf(error) }, 'a subject request could not be done for now');
    try {
      await lease.release(isClosing ? 0 : Math.min(LONGEST_DELAY_MS, 1_000 * 2 ** Math.min(attempt, 10)));
    } catch (failure) {
      logger.warn({ error: messageOf(failure) }, 'a subject request could not be given back');
    }
  }

  private async run(): Promise<void> {
    const { logger, pollMs = DEFAULTS.pollMs } = this.options;
    const { signal } = this.closing;
    while (!signal.aborted) {
      try {
        await this.workOff();
        if (this.failing) logger.info('subject requests are looked after again');
        this.failing = false;
      } catch (error) {
        if (!this.failing)
          logger.warn({ error: messageOf(error) }, 'subject requests cannot be looked after for now');
        this.failing = true;
      }
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Where it was thrown, without what it says. */
function placeOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, 5);
}
