import { evaluate, type Evaluation } from '../../learning/evaluation/evaluate';
import { nextStep } from './next-step';

type Runs = Parameters<typeof nextStep>[1];
type Run = Runs[number];

/** The lower the worse. */
const worth = (quality: number): Evaluation =>
  evaluate(Float32Array.of(1, 0), Float32Array.of(quality, 1 - quality), 0.5);

const ended = (trial: number | null, quality: number, test: number | null = null): Run => ({
  ...{ trial, rung: 0, state: 'SUCCEEDED', errorMessage: null },
  overrides: { judgesTest: test !== null },
  result: { device: 'cpu', epochs: 1, validation: worth(quality), test: test === null ? null : worth(test) },
});
const failed = (trial: number | null, state: 'FAILED' | 'CANCELLED' = 'FAILED'): Run => ({
  ...{ trial, rung: 0, state, overrides: null, result: null },
  errorMessage: state === 'FAILED' ? 'no rows.' : null,
});

const trials = (count: number) => Array.from({ length: count }, () => ({ fold: null, parameters: {} }));
const search = { space: {}, objective: 'LOG_LOSS' as const, seed: 1, refit: true };
const study = (count: number, over: object = {}) => ({
  ...{
    plan: { trials: trials(count), search: { ...search, ...over } },
    state: 'RUNNING' as const,
    bestTrial: null,
  },
});
const folds = (count: number) => ({ ...study(count), plan: { trials: trials(count), search: null } });

describe('the next step of a study', () => {
  it('is none while a training has not ended, and none once it has ended itself', () => {
    const open: Run = { ...failed(1), state: 'QUEUED', errorMessage: null };
    expect(nextStep(study(2), [ended(0, 0.9), open])).toBeNull();
    expect(nextStep({ ...study(1), state: 'CANCELLED' }, [ended(0, 0.9)])).toBeNull();
  });

  it('refits the best by validation, as it was tried; what the test part says changes nothing', () => {
    const runs = [ended(0, 0.6, 0.99), ended(1, 0.8, 0.5), failed(2), ended(3, 0.7)];
    expect(nextStep(study(4), runs)).toEqual({
      ...{ state: 'REFITTING', bestTrial: 1 },
      ask: [{ trial: null, rung: 0, overrides: runs[1]?.overrides }],
    });
    expect(nextStep(study(4, { refit: false }), runs)).toEqual({ state: 'SUCCEEDED', bestTrial: 1 });
  });

  it('trains the best of a rung for longer, and chooses among those that were trained in full', () => {
    const rungs = [
      { trials: 4, epochs: 1 },
      { trials: 2, epochs: 2 },
    ];
    const halving = study(4, { rungs });
    const first = [ended(0, 0.6), ended(1, 0.9), ended(2, 0.7), failed(3)];
    expect(nextStep(halving, first)).toMatchObject({
      state: 'RUNNING',
      ask: [
        { trial: 1, rung: 1 },
        { trial: 2, rung: 1 },
      ],
    });
    const second = [ended(1, 0.6), ended(2, 0.8)].map((run) => ({ ...run, rung: 1 }));
    expect(nextStep(halving, [...first, ...second])).toMatchObject({ state: 'REFITTING', bestTrial: 2 });
  });

  it('ends a search as its refit ends', () => {
    const refitting = { ...study(1), state: 'REFITTING' as const, bestTrial: 0 };
    expect(nextStep(refitting, [ended(0, 0.9), ended(null, 0.9)])).toEqual({ state: 'SUCCEEDED' });
    expect(nextStep(refitting, [ended(0, 0.9), failed(null)])).toEqual({
      state: 'FAILED',
      errorMessage: 'Trial 1 is the best, and could not be refitted: no rows.',
    });
  });

  it('fails a search of which no trial succeeded', () => {
    expect(nextStep(study(2), [failed(0), failed(1, 'CANCELLED')])).toEqual({
      state: 'FAILED',
      errorMessage: 'No trial succeeded; the first: no rows.',
    });
  });

  it('ends a cross-validation well only when every fold has', () => {
    expect(nextStep(folds(2), [ended(0, 0.9, 0.8), ended(1, 0.9, 0.7)])).toEqual({ state: 'SUCCEEDED' });
    expect(nextStep(folds(2), [ended(0, 0.9, 0.8), failed(1, 'CANCELLED')])).toEqual({
      state: 'FAILED',
      errorMessage: '1 of 2 folds succeeded; fold 2: it was cancelled.',
    });
  });
});
