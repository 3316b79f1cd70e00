import { type TrialEvent } from '../prediction/trials/trial-counts';

export const TRIAL_VERDICTS = ['COLLECTING', 'UNDECIDED', 'WORSE', 'BETTER'] as const;
export type TrialVerdict = (typeof TRIAL_VERDICTS)[number];

export const TRIAL_MEASURES = ['LOG_LOSS', 'ERROR_RATE'] as const;
export type TrialMeasure = (typeof TRIAL_MEASURES)[number];

/** A number with bounds that hold at all times at once. */
export interface BoundedFigure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One side of a trial. */
export interface SideFigures {
  /** Predictions with a known outcome that are compared, and the subjects that they are about. */
  readonly outcomes: number;
  readonly positives: number;
  readonly subjects: number;
  /** Null below two subjects. */
  readonly logLoss: BoundedFigure | null;
  /** How often it was asked, and what came of it. */
  readonly asked: number;
  readonly errors: number;
  /** Null before it was asked. */
  readonly errorRate: BoundedFigure | null;
  readonly counts: Readonly<Record<TrialEvent, number>>;
}

/** What was found in a trial so far. */
export interface TrialFigures {
  readonly verdict: TrialVerdict;
  /** What a verdict of WORSE is about. */
  readonly because: TrialMeasure | null;
  readonly champion: SideFigures;
  readonly challenger: SideFigures;
  /** Log loss of the challenger less that of the champion; null before it can be said. */
  readonly logLossDifference: BoundedFigure | null;
}
