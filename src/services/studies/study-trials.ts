import { type JudgedModel } from '../../learning/judge-model';
import { rankTrials } from '../../learning/search/rank-trials';
import { type Spread, spreadOf } from '../../learning/search/spread';
import { type TrainingRun } from '../training/training-run.entity';
import { type PlannedTrial } from './study-plan';
import { type TrainingStudy } from './training-study.entity';

export const TRIAL_STATES = ['WAITING', 'RUNNING', 'STOPPED', 'FINISHED', 'FAILED', 'CANCELLED'] as const;
export type TrialState = (typeof TRIAL_STATES)[number];

/** How far a trial is. */
export interface StudyTrial extends PlannedTrial {
  /** From 0. */
  readonly trial: number;
  readonly state: TrialState;
  /** The last in which it was judged. */
  readonly rung: number;
  /** The training of the last rung. */
  readonly run: TrainingRun;
  /** Of the last training that succeeded. */
  readonly result: JudgedModel | null;
}

const STATES: Readonly<Partial<Record<TrainingRun['state'], TrialState>>> = {
  QUEUED: 'WAITING',
  SUCCEEDED: 'FINISHED',
  FAILED: 'FAILED',
  CANCELLED: 'CANCELLED',
};

/** A study's trials in their order. */
export function trialsOf({ plan, finishedAt }: TrainingStudy, runs: readonly TrainingRun[]): StudyTrial[] {
  const top = Math.max(0, ...runs.map(({ rung }) => rung));
  const last = (plan.search?.rungs?.length ?? 1) - 1;
  return plan.trials.flatMap((planned, trial) => {
    const own = runs.filter((run) => run.trial === trial).toSorted((a, b) => b.rung - a.rung);
    const [run] = own;
    if (!run) return [];
    const judged = own.find(({ state }) => state === 'SUCCEEDED');
    const result = judged?.result ?? null;
    const waits = finishedAt === null ? 'WAITING' : 'CANCELLED';
    const between = run.rung < top ? 'STOPPED' : waits;
    const isBetween = run.state === 'SUCCEEDED' && run.rung < last;
    return [
      {
        ...planned,
        trial,
        state: isBetween ? between : (STATES[run.state] ?? 'RUNNING'),
        rung: judged?.rung ?? 0,
        run,
        result,
      },
    ];
  });
}

/** Those of a search that were judged, from the best to the worst; those that got further first. */
export function rankingOf({ plan }: TrainingStudy, trials: readonly StudyTrial[]): StudyTrial[] {
  if (plan.search === null) return [];
  const judged = trials.flatMap((each) =>
    each.result ? [{ ...each, validation: each.result.validation }] : [],
  );
  return rankTrials(judged, plan.search.objective).toSorted((a, b) => b.rung - a.rung);
}

/** How the metrics differ over the test parts of the folds that have ended; empty of a search. */
export const spreadOfFolds = (trials: readonly StudyTrial[]): Spread[] =>
  spreadOf(trials.flatMap(({ result }) => result?.test ?? []));
