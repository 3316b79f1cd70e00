/** What a person sees a training doing. */
export const RUN_STATES = [
  'QUEUED',
  'PREPARING',
  'TRAINING',
  'EVALUATING',
  'EXPORTING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
] as const;

/** What a person sees a scoring doing. */
export const SCORING_STATES = [
  'QUEUED',
  'PREPARING',
  'SCORING',
  'EXPORTING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
] as const;

/** Of jobs of all types. */
export type RunState = (typeof RUN_STATES)[number] | (typeof SCORING_STATES)[number];

/** The states in which a process executes the job. */
export type RunPhase = 'PREPARING' | 'TRAINING' | 'EVALUATING' | 'SCORING' | 'EXPORTING';

/**
 * Where each state may lead. A run goes back to QUEUED when the process that executed it is gone or was
 * asked to leave off; a phase may lead to itself, because a write whose answer was lost is written again.
 * Evaluating and exporting come in either order: what is judged may be the exported file.
 */
const NEXT_STATES: Readonly<Record<RunState, readonly RunState[]>> = {
  QUEUED: ['PREPARING', 'CANCELLED'],
  PREPARING: ['PREPARING', 'TRAINING', 'SCORING', 'QUEUED', 'FAILED', 'CANCELLED'],
  TRAINING: ['TRAINING', 'EVALUATING', 'EXPORTING', 'QUEUED', 'FAILED', 'CANCELLED'],
  SCORING: ['SCORING', 'EXPORTING', 'QUEUED', 'FAILED', 'CANCELLED'],
  EVALUATING: ['EVALUATING', 'EXPORTING', 'SUCCEEDED', 'QUEUED', 'FAILED', 'CANCELLED'],
  EXPORTING: ['EXPORTING', 'EVALUATING', 'SUCCEEDED', 'QUEUED', 'FAILED', 'CANCELLED'],
  SUCCEEDED: [],
  FAILED: [],
  CANCELLED: [],
};

/** The states from which a run may come to `state`. */
export function statesBefore(state: RunState): RunState[] {
  return (Object.keys(NEXT_STATES) as RunState[]).filter((from) => NEXT_STATES[from].includes(state));
}

/** A run that has ended never changes again. */
export function hasEnded(state: RunState): boolean {
  return NEXT_STATES[state].length === 0;
}

/** Executions that may end with their process before the run is given up. */
export const MAX_CRASHES = 3;

/** Why an execution ended before the run did. */
export type Interruption =
  /** The process was asked to leave off, as in a deploy: the run's own fault in no way. */
  | { readonly kind: 'drained' }
  /** The process died or fell silent; `detail` completes "its process …". */
  | { readonly kind: 'crashed'; readonly detail: string };

export interface InterruptedRun {
  readonly state: RunState;
  /** Executions that crashed before this one. */
  readonly crashes: number;
  readonly cancelRequested: boolean;
}

export type Settlement =
  | { readonly state: 'QUEUED'; readonly crashes: number }
  | { readonly state: 'CANCELLED' }
  | { readonly state: 'FAILED'; readonly message: string };

/** What becomes of a run whose execution ended before it did. */
export function settle(run: InterruptedRun, interruption: Interruption): Settlement {
  if (run.cancelRequested) return { state: 'CANCELLED' };
  if (interruption.kind === 'drained') return { state: 'QUEUED', crashes: run.crashes };
  const crashes = run.crashes + 1;
  if (crashes < MAX_CRASHES) return { state: 'QUEUED', crashes };
  return {
    state: 'FAILED',
    message:
      `${crashes} executions of this run ended before it did: the last one in ${run.state}, ` +
      `where its process ${interruption.detail}. ` +
      'Start a new run when the cause is removed; too little memory is the usual one.',
  };
}
