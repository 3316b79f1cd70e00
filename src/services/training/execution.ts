import { AppError } from '../../errors';
import { InsufficientMemory } from '../../learning/training/compile-network';
import { retryWithBackoff } from '../../platform/jobs/backoff';
import { codeOf } from '../../platform/telemetry/tracing';
import { JobLog } from '../jobs/log/job-log';
import { type PhaseTrace } from './phase-trace';
import { isOutage, RunJournal } from './run-journal';
import { LeaseLostError, type RunLease } from './run-lease';

export interface ExecutionOptions {
  /** Held by whoever watches this execution. */
  readonly lease: RunLease;
  /** Aborted when the execution is to leave off, for whatever reason. */
  readonly signal: AbortSignal;
  readonly progressIntervalMs: number;
  /** Told of its phases. */
  readonly trace?: PhaseTrace;
}

/** What an execution works with. */
export interface Execution {
  /** Aborted also when the job cannot be written any more. */
  readonly signal: AbortSignal;
  readonly journal: RunJournal;
  /** What the job's tenant may read. */
  readonly log: JobLog;
  /** Repeats a write while the database is away. */
  readonly persist: <T>(write: () => Promise<T>) => Promise<T>;
}

/** What it was is for whoever operates the platform. */
const DEFECT =
  'The execution ended unexpectedly; whoever operates the platform finds the reason in its logs.';
const RETRY = { firstDelayMs: 100, longestDelayMs: 2_000 };
/** Issues that an error message quotes. */
const MAX_ISSUES = 5;

/**
 * Executes a job whose lease is held. An error that its owner can act on ends the job as failed. Returns as well when it was told
 * to leave off or has lost the lease; the job is then as it was.
 *
 * @throws whatever is neither the data's nor the configuration's fault; the job is still open then
 */
export async function withExecution(
  { lease, signal: leaveOff, progressIntervalMs, trace }: ExecutionOptions,
  work: (execution: Execution) => Promise<void>,
): Promise<void> {
  const broken = new AbortController();
  const signal = AbortSignal.any([leaveOff, broken.signal]);
  const persist = <T>(write: () => Promise<T>): Promise<T> =>
    retryWithBackoff(write, isOutage, { ...RETRY, signal });
  const journal = new RunJournal(lease, {
    intervalMs: progressIntervalMs,
    signal,
    onBroken: (error) => broken.abort(error),
  });
  const log = new JobLog({
    inTenant: (work) => lease.inTenant(work),
    jobId: lease.key.runId,
    owner: lease.key.owner,
  });
  trace?.enter('PREPARING');
  log.say({ level: 'INFO', message: 'An execution begins.' });
  log.enter('PREPARING');
  try {
    await work({ signal, journal, log, persist });
    trace?.end(null);
  } catch (error) {
    trace?.end(leaveOff.aborted ? 'LEFT_OFF' : codeOf(error));
    if (leaveOff.aborted || isLeaseLost(error) || isLeaseLost(broken.signal.reason)) return;
    if (broken.signal.aborted) throw broken.signal.reason;
    await journal.written();
    if (!(error instanceof AppError) || isOutage(error)) {
      log.say({ level: 'ERROR', message: DEFECT });
      throw error;
    }
    log.say({ level: 'ERROR', message: `${error.code}: ${describe(error)}` });
    await log.flush();
    const { neededBytes } = error instanceof InsufficientMemory ? error : { neededBytes: null };
    if (neededBytes !== null && (await persist(() => lease.moveToLarger(neededBytes)))) return;
    await persist(() => lease.fail(error.code, describe(error))).catch((failure: unknown) => {
      if (!isLeaseLost(failure)) throw failure;
    });
  } finally {
    await log.close();
  }
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof LeaseLostError;
}

/** The message with what is wrong where, as far as one message can hold it. */
function describe({ message, issues }: AppError): string {
  const shown = issues.slice(0, MAX_ISSUES).map((issue) => `${issue.path}: ${issue.message}`);
  return shown.length === 0 ? message : `${message} (${shown.join('; ')})`;
}
