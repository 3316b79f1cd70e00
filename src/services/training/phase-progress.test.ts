import fc from 'fast-check';
import { type JobEntry } from '../jobs/job.entity';
import { meanPhases, phaseProgress } from './phase-progress';

const PHASES = ['PREPARING', 'TRAINING', 'EVALUATING', 'EXPORTING'] as const;

/** Entries of states that each last so long. */
function timelineOf(seconds: readonly number[], from = 0): JobEntry[] {
  let at = from;
  return [...PHASES, 'SUCCEEDED' as const].slice(0, seconds.length + 1).map((state, index) => {
    const entry = { state, attempt: 1, at: new Date(at).toISOString() };
    at += 1000 * (seconds[index] ?? 0);
    return entry;
  });
}

const known = { PREPARING: 10, TRAINING: 60, EVALUATING: 20, EXPORTING: 10 };

it('takes means over the runs before', () => {
  expect(meanPhases([])).toBeNull();
  expect(meanPhases([timelineOf([8, 50, 10, 10]), timelineOf([12, 70, 30, 10])])).toEqual(known);
});

it('learns nothing from runs that do not say how long their phases took', () => {
  const silent: JobEntry[] = [{ state: 'SUCCEEDED', attempt: 1, at: new Date(0).toISOString() }];
  expect(meanPhases([silent])).toBeNull();
  expect(meanPhases([silent, timelineOf([8, 50, 10, 10]), timelineOf([12, 70, 30, 10])])).toEqual(known);
});

it('gives each phase the share of time that it took', () => {
  const progress = (phases: readonly number[], elapsed: number) =>
    phaseProgress(
      { timeline: timelineOf(phases), progress: null },
      known,
      1000 * (phases.reduce((sum, each) => sum + each, 0) + elapsed),
    );
  expect(progress([], 5)).toEqual({ share: 0.05, secondsLeft: 95 });
  expect(progress([10], 30)).toEqual({ share: 0.4, secondsLeft: 60 });
  expect(progress([10, 60], 5)).toEqual({ share: 0.75, secondsLeft: 25 });
  // It takes longer than before, and is not over for that.
  expect(progress([10, 60], 30)).toEqual({ share: expect.closeTo(0.898, 9) as number, secondsLeft: 13 });
});

it('believes the steps where nothing ran before, and predicts nothing', () => {
  const progress = { step: 50, totalSteps: 100, etaSeconds: 4 };
  const run = { timeline: timelineOf([10]), progress: progress as never };
  expect(phaseProgress(run, null, 99_000)).toEqual({ share: 0.15 + 0.25, secondsLeft: null });
  expect(phaseProgress(run, known, 20_000)).toMatchObject({ share: 0.4, secondsLeft: 4 + 30 });
});

it('says nothing of a run that waits or has ended', () => {
  const timeline = [{ state: 'QUEUED', attempt: 0, at: new Date(0).toISOString() }] as const;
  expect(phaseProgress({ timeline, progress: null }, known, 0)).toBeNull();
  expect(phaseProgress({ timeline: timelineOf([1, 1, 1, 1]), progress: null }, known, 9_000)).toBeNull();
});

it('never goes back, and never says that all is done', () => {
  const length = fc.integer({ min: 0, max: 1_000 });
  const lengths = fc.tuple(length, length, length, length);
  fc.assert(
    fc.property(lengths, lengths, fc.boolean(), (before, actual, isKnown) => {
      const history = isKnown ? meanPhases([timelineOf(before)]) : null;
      let last = 0;
      for (let at = 0, phase = 0; phase < 4; phase += 1) {
        const timeline = timelineOf(actual.slice(0, phase));
        for (const part of [0, 0.5, 1]) {
          const now = 1000 * (at + part * actual[phase]!);
          const { share, secondsLeft } = phaseProgress({ timeline, progress: null }, history, now)!;
          expect(share).toBeGreaterThanOrEqual(last - 1e-12);
          expect(share).toBeLessThan(1 + 1e-12);
          if (history) expect(secondsLeft).toBeGreaterThanOrEqual(0);
          last = share;
        }
        at += actual[phase]!;
      }
    }),
  );
});
