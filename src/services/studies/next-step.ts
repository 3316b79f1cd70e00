import { type JudgedModel } from '../../learning/judge-model';
import { rankTrials } from '../../learning/search/rank-trials';
import { hasEnded } from '../training/run-state';
import { type TrainingRun } from '../training/training-run.entity';
import { type WantedRun } from './study-runs';
import { type TrainingStudy } from './training-study.entity';

/** What follows for a study; null: it waits. */
export type StudyStep =
  | { readonly state: 'REFITTING'; readonly bestTrial: number; readonly ask: readonly WantedRun[] }
  | { readonly state: 'RUNNING'; readonly ask: readonly WantedRun[] }
  | { readonly state: 'SUCCEEDED'; readonly bestTrial?: number }
  | { readonly state: 'FAILED'; readonly errorMessage: string }
  | null;

type StudyRun = Pick<TrainingRun, 'trial' | 'rung' | 'state' | 'errorMessage' | 'result' | 'overrides'>;

/**
 * Decides from a study's runs alone what follows, so that whoever decides, and however often, decides the same.
 * The test part decides nothing.
 */
export function nextStep(
  { plan, state, bestTrial }: Pick<TrainingStudy, 'plan' | 'state' | 'bestTrial'>,
  runs: readonly StudyRun[],
): StudyStep {
  if ((state !== 'RUNNING' && state !== 'REFITTING') || runs.some((run) => !hasEnded(run.state))) return null;
  if (state === 'REFITTING') {
    const refit = runs.find(({ trial }) => trial === null);
    if (refit?.state === 'SUCCEEDED') return { state: 'SUCCEEDED' };
    return {
      state: 'FAILED',
      errorMessage: `Trial ${(bestTrial ?? 0) + 1} is the best, and could not be refitted: ${whyOf(refit)}`,
    };
  }
  const judged = runs.flatMap(({ trial, rung, result, overrides, state }) =>
    trial !== null && state === 'SUCCEEDED' && result ? [{ trial, rung, overrides, ...result }] : [],
  );
  if (plan.search === null) return endOfFolds(plan.trials.length, runs, judged);
  const rung = Math.max(...runs.map((run) => run.rung));
  const ranked = rankTrials(
    judged.filter((each) => each.rung === rung),
    plan.search.objective,
  );
  const [best] = ranked;
  if (!best) return { state: 'FAILED', errorMessage: `No trial succeeded; the first: ${whyOf(runs[0])}` };
  const next = plan.search.rungs?.[rung + 1];
  if (next)
    return {
      state: 'RUNNING',
      ask: ranked.slice(0, next.trials).map(({ trial, overrides }) => ({
        ...{ trial, rung: rung + 1 },
        overrides: {
          ...overrides,
          ...(overrides?.model && { model: { ...overrides.model, maxEpochs: next.epochs } }),
        },
      })),
    };
  if (!plan.search.refit) return { state: 'SUCCEEDED', bestTrial: best.trial };
  const ask = [{ trial: null, rung: 0, overrides: best.overrides }];
  return { state: 'REFITTING', bestTrial: best.trial, ask };
}

function endOfFolds(
  folds: number,
  runs: readonly StudyRun[],
  judged: readonly Pick<JudgedModel, 'test'>[],
): StudyStep {
  if (judged.length === folds) return { state: 'SUCCEEDED' };
  const failed = runs.find(({ state }) => state !== 'SUCCEEDED');
  return {
    state: 'FAILED',
    errorMessage: `${judged.length} of ${folds} folds succeeded; fold ${(failed?.trial ?? 0) + 1}: ${whyOf(failed)}`,
  };
}

const whyOf = (run: Pick<StudyRun, 'state' | 'errorMessage'> | undefined): string =>
  run?.errorMessage ?? (run?.state === 'CANCELLED' ? 'it was cancelled.' : 'it left nothing.');
