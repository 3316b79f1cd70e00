import { type JobEntry } from '../jobs/job.entity';
import { type RunProgress } from './training-run.entity';

const PHASES = ['PREPARING', 'TRAINING', 'EVALUATING', 'EXPORTING'] as const;
type Phase = (typeof PHASES)[number];

/** How long a run stays in each of its phases, in seconds. */
export type PhaseSeconds = Readonly<Record<Phase, number>>;

/** What phases weigh against each other until a run of the tenant has succeeded: the baseline is fitted in EVALUATING. */
const UNKNOWN: PhaseSeconds = { PREPARING: 0.15, TRAINING: 0.5, EVALUATING: 0.25, EXPORTING: 0.1 };

/** A phase that takes longer than before is not over for that. */
const NEARLY = 0.99;
/** Of what it took so far, a phase that is over its time is taken to take so much more. */
const OVERTIME = 0.1;

/** The means over runs that went through in one go; null where there are none that say how long their phases took. */
export function meanPhases(timelines: readonly (readonly JobEntry[])[]): PhaseSeconds | null {
  const told = timelines.filter((timeline) => timeline.slice(0, -1).some(({ state }) => isPhase(state)));
  if (told.length === 0) return null;
  const total = { PREPARING: 0, TRAINING: 0, EVALUATING: 0, EXPORTING: 0 };
  for (const timeline of told)
    timeline.forEach(({ state, at }, index) => {
      const next = timeline[index + 1];
      if (next && isPhase(state))
        total[state] += Math.max(0, Date.parse(next.at) - Date.parse(at)) / 1000 / told.length;
    });
  return total;
}

export interface RunningRun {
  readonly timeline: readonly JobEntry[];
  readonly progress: RunProgress | null;
}

export interface PhaseProgress {
  /** Of the whole execution, 0 to 1. */
  readonly share: number;
  /** Null until the lengths of phases are known. */
  readonly secondsLeft: number | null;
}

/** How far an execution is, by its last entry; null where it is in no phase of a training. */
export function phaseProgress(
  { timeline, progress }: RunningRun,
  known: PhaseSeconds | null,
  now: number,
): PhaseProgress | null {
  const current = timeline.at(-1);
  if (!current || !isPhase(current.state)) return null;
  const phase = current.state;
  const lengths = known ?? UNKNOWN;
  const elapsed = Math.max(0, now - Date.parse(current.at)) / 1000;
  const training = phase === 'TRAINING' ? progress : null;
  const steps = training ? training.step / Math.max(1, training.totalSteps) : 0;
  const time = known ? elapsed / Math.max(known[phase], Number.EPSILON) : 0;
  const done = Math.min(NEARLY, Math.max(steps, time));
  const sum = (phases: readonly Phase[]): number => phases.reduce((all, each) => all + lengths[each], 0);
  const place = PHASES.indexOf(phase);
  const later = sum(PHASES.slice(place + 1));
  const total = Math.max(sum(PHASES), Number.EPSILON);
  const share = (sum(PHASES.slice(0, place)) + done * lengths[phase]) / total;
  if (!known) return { share, secondsLeft: null };
  const left = elapsed < known[phase] ? known[phase] - elapsed : OVERTIME * elapsed;
  // Early stopping may end it sooner, and nothing later.
  return { share, secondsLeft: Math.min(left, training?.etaSeconds ?? Infinity) + later };
}

function isPhase(state: string): state is Phase {
  return (PHASES as readonly string[]).includes(state);
}
