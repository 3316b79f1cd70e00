import { type JudgedModel } from '../../learning/judge-model';
import { rankTrials } from '../../learning/search/rank-trials';
import { type Spread, spreadOf } from '../../learning/search/spread';
import { type TrainingRun } from '../training/training-run.entity';
import { type PlannedTrial } from './study-plan';
import { type TrainingStudy } from './training-study.entity';

export const TRIAL_STATES = ['WAITING', 'RUNNING', 'FINISHED', 'FAILED', 'CANCELLED'] as const;
export type TrialState = (typeof TRIAL_STATES)[number];

/** How far a trial is. */
export interface StudyTrial extends PlannedTrial {
  /** From 0. */
  readonly trial: number;
  readonly state: TrialState;
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
export function trialsOf({ plan }: TrainingStudy, runs: readonly TrainingRun[]): StudyTrial[] {
  return plan.trials.flatMap((planned, trial) => {
    const own = runs.filter((run) => run.trial === trial).toSorted((a, b) => b.rung - a.rung);
    const [run] = own;
    if (!run) return [];
    const result = own.find(({ state }) => state === 'SUCCEEDED')?.result ?? null;
    return [{ ...planned, trial, state: STATES[run.state] ?? 'RUNNING', rung: run.rung, run, result }];
  });
}

/** Those of a search that were judged, from the best to the worst. */
export function rankingOf({ plan }: TrainingStudy, trials: readonly StudyTrial[]): StudyTrial[] {
  if (plan.search === null) return [];
  const judged = trials.flatMap((each) =>
    each.result ? [{ ...each, validation: each.result.validation }] : [],
  );
  return rankTrials(judged, plan.search.objective);
}

/** How the metrics differ over the test parts of the folds that have ended; empty of a search. */
export const spreadOfFolds = (trials: readonly StudyTrial[]): Spread[] =>
  spreadOf(trials.flatMap(({ result }) => result?.test ?? []));
